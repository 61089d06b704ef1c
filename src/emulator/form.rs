//! The fields of a Query request: `application/x-www-form-urlencoded`.

/// The first field of a name, decoded; None if it is not there or not text.
pub(crate) fn field(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let value = text.split('&').find_map(|field| field.split_once('=').filter(|(key, _)| *key == name))?.1;
    decode(value)
}

fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let check = |body: &str, expected: Option<&str>| {
            assert_eq!(field(body.as_bytes(), "RoleArn").as_deref(), expected, "{body}");
        };
        check("Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa+b", Some("arn:aws:iam::1:role/a b"));
        check("RoleArn=", Some(""));
        check("RoleArnX=1", None);
        check("RoleArn=%4", None);
        check("RoleArn=%zz", None);
        check("RoleArn=%ff", None);
        check("", None);
    }
}
