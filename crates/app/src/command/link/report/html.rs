//! Pieces of the page. Everything that comes from outside goes through [`escape`].

/// A text as it may stand in an element or an attribute in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Neither browsers nor parsers may see these in a page.
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// A value of a record: apart from its surroundings, whatever its direction of writing.
pub(super) fn value(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// One text of many.
pub(super) fn each<T>(items: impl IntoIterator<Item = T>, show: impl FnMut(T) -> String) -> String {
    items.into_iter().map(show).collect::<Vec<_>>().concat()
}

/// A section with its heading and a sentence that says how to read it.
pub(super) fn section(id: &str, heading: &str, lead: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{heading}</h2>\
         <p class=\"lead\">{lead}</p>{body}</section>\n"
    )
}

/// More, for whoever wants it.
pub(super) fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>{body}</details>")
}

/// What colours mean: a class and a word each.
pub(super) fn key(items: &[(&str, &str)]) -> String {
    let items = each(items, |(class, word)| {
        format!("<span class=\"item\"><span class=\"swatch {class}\"></span>{word}</span>")
    });
    format!("<p class=\"key\">{items}</p>")
}

/// A table that can be wider than the screen.
pub(super) fn table(caption: &str, head: &[&str], rows: &str) -> String {
    let head = each(head, |name| match *name {
        // What a column of drawings says stands beside it in figures.
        "" => "<td></td>".to_owned(),
        name => format!("<th scope=\"col\">{name}</th>"),
    });
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\
         <caption class=\"unseen\">{caption}</caption><thead><tr>{head}</tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}

/// A probability as people say it: never 100 % of what is not certain.
pub(super) fn percent(share: f32) -> String {
    match share * 100.0 {
        small if small < 0.1 => "&lt; 0.1 %".to_owned(),
        large if large > 99.9 => "&gt; 99.9 %".to_owned(),
        middle if !(10.0..=90.0).contains(&middle) => format!("{middle:.1} %"),
        middle => format!("{middle:.0} %"),
    }
}

/// Bits with their sign.
pub(super) fn bits(bits: f32) -> String {
    let sign = if bits < 0.0 { "−" } else { "+" };
    format!("{sign}{:.1}", bits.abs())
}
