//! Text on its way into HTML: everything that a user wrote passes through here.
//!
//! One escaping serves element content and quoted attributes alike. Characters that HTML forbids are replaced,
//! so that the page stays valid whatever a scenario file holds.

use std::fmt::{self, Display, Write as _};

/// Shows a text so that HTML reads it back as that very text.
pub(crate) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                '\t' | '\n' => out.write_char(character)?,
                '\r' => {}
                _ if character.is_control() || is_noncharacter(character) => {
                    out.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                _ => out.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// Whether Unicode sets this code point aside for no character at all.
fn is_noncharacter(character: char) -> bool {
    let code = u32::from(character);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// A name as prose: `queue_length` reads "Queue length".
pub(crate) fn humanized(name: &str) -> String {
    let mut characters = name.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let rest = characters.map(|c| if c == '_' { ' ' } else { c });
    first.to_uppercase().chain(rest).collect()
}

/// Splits `desk.gold.wait` into what it is about (`desk.gold`) and what is measured (`wait`).
pub(crate) fn subject_and_measure(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "</script><img src=x onerror='a(\"&\")'>";
        assert_eq!(
            Escaped(hostile).to_string(),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a(&quot;&amp;&quot;)&#39;&gt;"
        );
    }

    #[test]
    fn forbidden_characters_are_replaced_and_lines_kept() {
        assert_eq!(
            Escaped("a\0b\u{7f}c\u{ffff}\r\n\td é 電話").to_string(),
            "a\u{fffd}b\u{fffd}c\u{fffd}\n\td é 電話"
        );
    }

    #[test]
    fn names_read_as_prose() {
        assert_eq!(humanized("queue_length"), "Queue length");
        assert_eq!(humanized("écoute"), "Écoute");
        assert_eq!(humanized(""), "");
        assert_eq!(subject_and_measure("desk.gold.wait"), ("desk.gold", "wait"));
        assert_eq!(subject_and_measure("events"), ("", "events"));
    }
}
