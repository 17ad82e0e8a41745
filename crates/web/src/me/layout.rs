//! What all pages share: head, navigation, language, and what is said when something does not work.

use super::visit::{TOKEN, Visit};
use super::words::fill;
use crate::answer::Answer;
use crate::edge::Server;
use crate::shape::instant;
use axum::http::StatusCode;
use gate::{Language, Subject};
use maud::{DOCTYPE, Markup, html};
use model::Timestamp;

/// The pages of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Contract,
    Messages,
    Data,
    Uses,
    Home,
    Requests,
    Take,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Contract,
        Self::Messages,
        Self::Data,
        Self::Uses,
        Self::Home,
        Self::Requests,
        Self::Take,
    ];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Contract => "/me",
            Self::Messages => "/me/messages",
            Self::Data => "/me/data",
            Self::Uses => "/me/uses",
            Self::Home => "/me/household",
            Self::Requests => "/me/requests",
            Self::Take => "/me/take",
        }
    }

    fn title(self, visit: &Visit) -> &str {
        let words = visit.words;
        match self {
            Self::Contract => &words.nav_contract,
            Self::Messages => &words.nav_messages,
            Self::Data => &words.nav_data,
            Self::Uses => &words.nav_uses,
            Self::Home => &words.nav_home,
            Self::Requests => &words.nav_requests,
            Self::Take => &words.nav_take,
        }
    }
}

/// A page of a customer who is there.
pub(crate) fn own(visit: &Visit, subject: &Subject, tab: Tab, main: &Markup) -> Answer {
    let words = visit.words;
    let navigation = html! {
        nav aria-label=(words.brand) {
            ul {
                @for other in Tab::ALL {
                    li {
                        a href=(other.path()) aria-current=[(other == tab).then_some("page")] {
                            (other.title(visit))
                        }
                    }
                }
            }
            form method="post" action="/me/leave" {
                (token(subject.form_token()))
                button class="quiet" { (words.leave) }
            }
        }
    };
    whole(visit, tab.title(visit), &navigation, main)
}

/// A page of nobody in particular.
pub(crate) fn plain(visit: &Visit, title: &str, main: &Markup) -> Answer {
    whole(visit, title, &html! {}, main)
}

/// The field that every form of a session carries.
pub(crate) fn token(form_token: &str) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(form_token); }
}

fn whole(visit: &Visit, title: &str, navigation: &Markup, main: &Markup) -> Answer {
    let (words, notice, language) = (visit.words, &visit.notice, visit.language);
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · " (notice.controller) }
                link rel="stylesheet" href="/me/style.css";
            }
            body {
                a class="skip" href="#main" { (words.skip) }
                header { p class="brand" { (notice.controller) } (navigation) }
                main id="main" tabindex="-1" { h1 { (title) } (main) }
                footer {
                    p { (fill(&words.write_to, "contact", &notice.contact)) }
                    form method="post" action="/me/language" {
                        input type="hidden" name="back" value=(visit.here);
                        label for="language" { (words.language) }
                        select id="language" name="language" {
                            @for other in Language::ALL {
                                option value=(other.tag()) lang=(other.tag())
                                    selected[other == language] { (other.own_name()) }
                            }
                        }
                        button class="quiet" { (words.choose) }
                    }
                }
            }
        }
    };
    Answer::form_page(page.into_string())
}

/// An instant, to the minute and in UTC; the whole of it for programs.
pub(crate) fn time(at: Timestamp) -> Markup {
    let whole = instant(at);
    let day = whole.get(..10).unwrap_or(&whole);
    let minute = whole.get(11..16).unwrap_or_default();
    html! { time datetime=(whole) { (day) " " (minute) " UTC" } }
}

/// Something did not work, and nothing was changed.
pub(crate) fn wrong(_server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    plain(visit, &words.wrong, &html! { p { (words.wrong_about) } }).with(StatusCode::BAD_REQUEST)
}

/// The form is not ours.
pub(crate) fn elsewhere(_server: &Server, visit: &Visit) -> Answer {
    let words = visit.words;
    plain(visit, &words.elsewhere, &html! { p { (words.wrong_about) } }).with(StatusCode::FORBIDDEN)
}

pub(crate) fn style(_: &Server, _: &Visit) -> Answer {
    Answer::text("text/css; charset=utf-8", include_str!("style.css")).brief()
}
