//! The two plain pages of the API: what there is, and what problems mean. No script, no picture.

use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::Code;

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n\
         </body>\n</html>\n"
    )
}

const LINKS: &[(&str, &str)] = &[
    ("/openapi.json", "The API, as an OpenAPI 3.1 document"),
    ("/problems", "What problems mean, and what to do"),
    ("/api/ledger/checkpoint", "The ledger's signed checkpoint"),
    ("/api/ledger/vkey", "The key that verifies it"),
    ("/healthz", "Whether a write would be accepted"),
    ("/metrics", "Metrics for Prometheus"),
];

pub(crate) fn index(server: &Server) -> Answer {
    let links: Vec<_> = LINKS
        .iter()
        .map(|(address, about)| format!("<li><a href=\"{address}\">{about}</a></li>"))
        .collect();
    let body = format!(
        "<p>A customer data platform that keeps its word. Version {}.</p>\n<ul>\n{}\n</ul>\n",
        server.edge.version,
        links.join("\n")
    );
    Answer::page(page("Bonafide", &body))
}

/// One entry for each code, under its own anchor: the `type` of a problem leads there.
pub(crate) fn problems(_server: &Server) -> Answer {
    let entries: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            let (word, status) = (code.word(), code.status().as_u16());
            let (title, remedy) = (code.title(), code.remedy());
            format!(
                "<dt id=\"{word}\"><code>{word}</code> ({status})</dt>\n<dd>{title}: {remedy}</dd>"
            )
        })
        .collect();
    Answer::page(page("Problems", &format!("<dl>\n{}\n</dl>\n", entries.join("\n")))).brief()
}
