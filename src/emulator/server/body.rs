//! Bodies of answers: whole, and in the ways in which one can go wrong.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::Sleep;

/// The body that does not end for a long while.
const HUGE_BYTES: u64 = 200 * 1024 * 1024;
/// Time for the first half to leave: a connection that fails at once is dropped with what it was about to send.
const BEFORE_CUT: Duration = Duration::from_millis(20);
static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// What is sent after the headers.
pub(super) enum Body {
    Whole(Bytes),
    /// A byte, a pause, a byte.
    Trickle {
        rest: Bytes,
        pause: Duration,
        sleep: Pin<Box<Sleep>>,
    },
    /// It promises more than it sends.
    Truncated {
        rest: Bytes,
        promised: u64,
        sleep: Pin<Box<Sleep>>,
    },
    /// White space, which is the beginning of every JSON document.
    Huge {
        left: u64,
    },
}

/// The connection is to end here.
#[derive(Debug)]
pub(super) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("cut off on purpose")
    }
}

impl std::error::Error for Cut {}

impl Body {
    pub(super) fn trickle(bytes: Bytes, ms: u64) -> Self {
        let pause = Duration::from_millis(ms);
        Self::Trickle { rest: bytes, pause, sleep: Box::pin(super::pause(Duration::ZERO)) }
    }

    /// The first half, with a promise of the whole.
    pub(super) fn truncated(bytes: &Bytes) -> Self {
        let promised = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(2);
        Self::Truncated { rest: bytes.slice(..bytes.len() / 2), promised, sleep: Box::pin(super::pause(BEFORE_CUT)) }
    }

    pub(super) fn huge() -> Self {
        Self::Huge { left: HUGE_BYTES }
    }
}

type Polled = Poll<Option<Result<Frame<Bytes>, Cut>>>;

fn data(bytes: Bytes) -> Polled {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        match self.get_mut() {
            Self::Whole(rest) if rest.is_empty() => Poll::Ready(None),
            Self::Trickle { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Self::Trickle { rest, pause, sleep } => {
                ready!(sleep.as_mut().poll(context));
                *sleep = Box::pin(super::pause(*pause));
                data(rest.split_to(1))
            }
            Self::Truncated { rest, sleep, .. } if rest.is_empty() => {
                ready!(sleep.as_mut().poll(context));
                Poll::Ready(Some(Err(Cut)))
            }
            Self::Whole(rest) | Self::Truncated { rest, .. } => data(std::mem::take(rest)),
            Self::Huge { left: 0 } => Poll::Ready(None),
            Self::Huge { left } => {
                let length = usize::try_from(*left).unwrap_or(CHUNK.len()).min(CHUNK.len());
                *left = left.saturating_sub(u64::try_from(length).unwrap_or(0));
                data(Bytes::from_static(&CHUNK).slice(..length))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(rest) | Self::Trickle { rest, .. } => rest.is_empty(),
            Self::Truncated { .. } => false,
            Self::Huge { left } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(rest) | Self::Trickle { rest, .. } => u64::try_from(rest.len()).unwrap_or(u64::MAX),
            Self::Truncated { promised, .. } => *promised,
            Self::Huge { left } => *left,
        })
    }
}
