//! What customers say of themselves: corrections, and what they like.

use super::data::profile;
use super::layout::token;
use super::visit::Visit;
use crate::answer::Answer;
use crate::edge::Server;
use crate::problem::{Code, Problem};
use gate::{CUSTOMER, Subject};
use maud::{Markup, html};
use model::{Category, Sensitive};
use people::{CORRECTION_BYTES_MAX, Correction, INTERESTS, ProfileValue};

/// A form that corrects one value.
#[expect(clippy::disallowed_methods, reason = "shown to the customer whose own value it is")]
pub(crate) fn form(visit: &Visit, subject: &Subject, said: &ProfileValue) -> Markup {
    let (words, name) = (visit.words, said.name.reveal());
    let label = format!("{}: {}", words.correct, words.attribute(name));
    html! {
        details {
            summary { (words.correct) }
            form method="post" action="/me/correct" {
                (token(subject.form_token()))
                input type="hidden" name="name" value=(name);
                input name="value" value=(said.value.reveal()) aria-label=(label) maxlength="400";
                button { (words.correct_save) }
            }
            @if said.own {
                form method="post" action="/me/correct" {
                    (token(subject.form_token()))
                    input type="hidden" name="name" value=(name);
                    button name="value" value="" class="quiet" { (words.correct_undo) }
                }
            }
        }
    }
}

/// The list of what somebody likes, to be said and taken back.
#[expect(clippy::disallowed_methods, reason = "shown to the customer whose own value it is")]
pub(crate) fn interests(visit: &Visit, subject: &Subject, values: &[ProfileValue]) -> Markup {
    let words = visit.words;
    let own = values.iter().find(|said| said.own && said.name.reveal() == INTERESTS);
    let said = own.map_or("", |said| said.value.reveal());
    html! {
        section class="card" aria-labelledby="interests" {
            h2 id="interests" { (words.interests) }
            p { (words.interests_about) }
            form method="post" action="/me/correct" {
                (token(subject.form_token()))
                input type="hidden" name="name" value=(INTERESTS);
                input name="value" value=(said) aria-labelledby="interests" maxlength="400";
                button { (words.correct_save) }
            }
        }
    }
}

/// Takes what the customer says of themselves about something that is held, or about what they like.
pub(crate) fn correct(
    server: &Server,
    subject: &Subject,
    visit: &Visit,
) -> Result<Answer, Problem> {
    let wrong = || Problem::new(Code::BadBody, "nothing of this name is held");
    let name = visit.field("name").ok_or_else(wrong)?;
    let category = category(&profile(server, subject)?.values, name).ok_or_else(wrong)?;
    let value = visit.field("value").map(str::trim).filter(|value| !value.is_empty());
    if value.is_some_and(|value| value.len() > CORRECTION_BYTES_MAX) {
        return Err(Problem::new(Code::BadBody, "the value is too long"));
    }
    let value = value.map(|value| Sensitive::new(value.to_owned()));
    let name = Sensitive::new(name.to_owned());
    let correction = Correction { category, name: &name, value };
    server.edge.people.correct(subject.record(), &correction, CUSTOMER)?;
    Ok(Answer::see("/me/data?saved=1"))
}

/// Of what kind a value is that a profile has, or that customers may give of themselves.
#[expect(clippy::disallowed_methods, reason = "compared with what the customer's form names")]
pub(crate) fn category(values: &[ProfileValue], name: &str) -> Option<Category> {
    if name == INTERESTS {
        return Some(Category::Preference);
    }
    values.iter().find(|said| said.name.reveal() == name).map(|said| said.category)
}
