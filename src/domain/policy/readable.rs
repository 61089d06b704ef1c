//! A policy document for reading, before anything in it is understood.

use crate::domain::text::{Foreign, Safe};

/// The document for reading: as it stands if it has lines, else indented. No character but white space between tokens differs from the original.
pub(crate) fn readable(policy: &Foreign) -> Vec<Safe> {
    let text = policy.original();
    if text.contains('\n') {
        return text.lines().map(|line| Foreign::new(line.trim_end_matches('\r')).safe()).collect();
    }
    indented(text).iter().map(|line| Foreign::new(line.as_str()).safe()).collect()
}

/// Breaks one line of JSON at its brackets and commas. What is not JSON comes out as some lines of the same characters.
fn indented(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for character in text.chars() {
        if in_string {
            push(&mut lines, character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            // Between tokens white space means nothing; the indentation replaces it.
            ' ' | '\t' => continue,
            '{' | '[' => {
                push(&mut lines, character);
                depth += 1;
                lines.push("  ".repeat(depth));
                continue;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                lines.push("  ".repeat(depth));
            }
            '"' => in_string = true,
            _ => {}
        }
        push(&mut lines, character);
        if character == ',' {
            lines.push("  ".repeat(depth));
        } else if character == ':' {
            push(&mut lines, ' ');
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

fn push(lines: &mut [String], character: char) {
    if let Some(line) = lines.last_mut() {
        line.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_json_is_indented_and_nothing_else_changed() {
        let lines = |text: &str| -> Vec<String> {
            readable(&Foreign::new(text)).iter().map(|line| line.as_str().to_owned()).collect()
        };
        assert_eq!(
            lines(r#"{"Statement":[{"Sid":"a, {b\"","Effect":"Allow"}]}"#),
            [
                "{",
                "  \"Statement\": [",
                "    {",
                r#"      "Sid": "a, {b\"","#,
                "      \"Effect\": \"Allow\"",
                "    }",
                "  ]",
                "}"
            ]
        );
        assert_eq!(lines("{\r\n \u{202e}}"), ["{", " \\u{202e}}"]);
        assert_eq!(lines("not json"), ["notjson"]);
    }
}
