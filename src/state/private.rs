//! Files that only their owner can write: made 0600 in a directory made 0700, never reached through a link, replaced whole or not at all.
//!
//! What fails the check is refused with its name and the reason. The check is made on the open file, so that nothing can be put in its place meanwhile.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::domain::text::{Foreign, Safe};

/// Why a file or directory is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateError {
    #[error("{} is refused: {why}", shown(path))]
    Refused { path: PathBuf, why: Why },
    #[error("cannot {doing} {}: {source}", shown(path))]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

/// What makes a file one that others could have a hand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Symlink,
    Directory,
    NotADirectory,
    /// A FIFO, a socket, a device.
    NotAFile,
    OtherOwner,
    /// The group or everybody may write to it.
    Writable,
}

impl std::fmt::Display for Why {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Why::Symlink => "it is a symbolic link",
            Why::Directory => "it is a directory, not a file",
            Why::NotADirectory => "it is not a directory",
            Why::NotAFile => "it is not a regular file",
            Why::OtherOwner => "it belongs to another user",
            Why::Writable => "its group or everybody may write to it; chmod go-w makes it private",
        })
    }
}

impl PrivateError {
    pub(crate) fn io(doing: &'static str, path: &Path, source: impl Into<io::Error>) -> Self {
        PrivateError::Io { doing, path: path.to_owned(), source: source.into() }
    }

    fn refused(path: &Path, why: Why) -> Self {
        PrivateError::Refused { path: path.to_owned(), why }
    }
}

/// A path for eyes.
pub(crate) fn shown(path: &Path) -> Safe {
    Foreign::new(path.display().to_string()).safe()
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    /// Made 0600 if it is not there; every write goes to its end.
    Append,
}

/// Makes the directory, if need be, and checks that it is ours alone to write.
pub(crate) fn directory(path: &Path) -> Result<(), PrivateError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    match made {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(PrivateError::io("make the directory", path, error)),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        Errno::LOOP => PrivateError::refused(path, Why::Symlink),
        // Linux answers ENOTDIR for a link too, since it is not followed.
        Errno::NOTDIR if path.is_symlink() => PrivateError::refused(path, Why::Symlink),
        Errno::NOTDIR => PrivateError::refused(path, Why::NotADirectory),
        other => PrivateError::io("open the directory", path, other),
    })?;
    check(path, &opened, FileType::Directory)
}

/// Opens a file without following a link or waiting for a FIFO, then checks what was opened.
pub(crate) fn open(path: &Path, access: Access) -> Result<File, PrivateError> {
    let how = match access {
        Access::Read => OFlags::RDONLY,
        Access::Append => OFlags::RDWR | OFlags::APPEND | OFlags::CREATE,
    };
    let flags = how | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let opened = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR).map_err(|error| match error {
        Errno::LOOP => PrivateError::refused(path, Why::Symlink),
        Errno::ISDIR => PrivateError::refused(path, Why::Directory),
        Errno::NXIO => PrivateError::refused(path, Why::NotAFile),
        other => PrivateError::io("open", path, other),
    })?;
    check(path, &opened, FileType::RegularFile)?;
    Ok(File::from(opened))
}

/// The whole of a private file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, PrivateError> {
    let mut bytes = Vec::new();
    open(path, Access::Read)?.read_to_end(&mut bytes).map_err(|error| PrivateError::io("read", path, error))?;
    Ok(bytes)
}

/// Writes a file whole: after a crash at any moment the former one is there or the new one, and the new one once this has returned.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), PrivateError> {
    let failed = |error| PrivateError::io("write", path, error);
    let parent = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".keyfleet-").tempfile_in(parent).map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    sync_directory(parent)
}

/// The same where a person has chosen the place: what is there may be a plain file and nothing else, and the directory is theirs to look after.
pub(crate) fn replace_plain(path: &Path, bytes: &[u8]) -> Result<(), PrivateError> {
    check_plain(path)?;
    // A bare name has an empty parent, which is where we are.
    let is_bare = path.parent().is_some_and(|parent| parent.as_os_str().is_empty());
    if is_bare { replace(&Path::new(".").join(path), bytes) } else { replace(path, bytes) }
}

/// Whether there is nothing at this place, or a plain file.
pub(crate) fn check_plain(path: &Path) -> Result<(), PrivateError> {
    match fs::symlink_metadata(path).map(|found| found.file_type()) {
        Ok(kind) if kind.is_symlink() => Err(PrivateError::refused(path, Why::Symlink)),
        Ok(kind) if kind.is_dir() => Err(PrivateError::refused(path, Why::Directory)),
        Ok(kind) if !kind.is_file() => Err(PrivateError::refused(path, Why::NotAFile)),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(PrivateError::io("look at", path, error)),
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), PrivateError> {
    let failed = |error: io::Error| PrivateError::io("sync", path, error);
    File::open(path).and_then(|directory| directory.sync_all()).map_err(failed)
}

fn check(path: &Path, opened: &rustix::fd::OwnedFd, expected: FileType) -> Result<(), PrivateError> {
    let status = rustix::fs::fstat(opened).map_err(|error| PrivateError::io("look at", path, error))?;
    let found = FileType::from_raw_mode(status.st_mode);
    let refused = |why| Err(PrivateError::refused(path, why));
    if found != expected {
        return refused(if found == FileType::Directory { Why::Directory } else { Why::NotAFile });
    }
    if status.st_uid != rustix::process::geteuid().as_raw() {
        return refused(Why::OtherOwner);
    }
    if Mode::from_raw_mode(status.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
        return refused(Why::Writable);
    }
    Ok(())
}
