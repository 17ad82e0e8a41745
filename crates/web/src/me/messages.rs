//! *Messages*: channels, topics, how often, when not, and not at all.

use super::contract::{self, speak, title};
use super::data::permit;
use super::layout::{self, Tab, token};
use super::visit::Visit;
use super::words::fill;
use crate::answer::Answer;
use crate::edge::{Opened, Server, opened};
use crate::problem::{Code, Problem, unavailable};
use crate::shape::instant;
use gate::{DAY_MINUTES, Manner, Method, Quiet, Subject, TOPICS_MAX, Wishes};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use model::{Bit, Grant, Purpose, Scope, Timestamp};
use std::collections::BTreeSet;

/// How many messages a week can be chosen.
const PER_WEEK: [u8; 4] = [1, 2, 3, 7];

/// Days that a pause lasts, at most: whoever wants none for longer says no.
const PAUSE_DAYS_MAX: i64 = 366;

const DAY_MS: i64 = 86_400_000;

pub(crate) fn show(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let words = visit.words;
    let permit = permit(server, subject)?;
    let view = server.edge.people.view().map_err(|error| unavailable("reading", &error))?;
    let opened = opened!(server, permit, &view);
    let main = html! {
        @if visit.parameter("saved").is_some() { p class="done" role="status" { (words.saved) } }
        p { (fill(&words.messages_intro, "controller", &visit.notice.controller)) }
        (channels(server, subject, visit, &opened))
        (wishes(subject, visit, &opened.contract.wishes, server.edge.gate.now()))
        section class="card danger" aria-labelledby="stop" {
            h2 id="stop" { (words.stop_all) }
            p { (words.stop_about) }
            form method="post" action="/me/stop" {
                (token(subject.form_token()))
                button { (words.stop_all) }
            }
        }
    };
    Ok(layout::own(visit, subject, Tab::Messages, &main))
}

/// The channels of marketing, and marketing as a whole.
fn marketing(server: &Server) -> impl Iterator<Item = (Bit, &Grant)> {
    let all = server.edge.gate.grants().iter();
    let messages = all.filter(|(_, grant)| {
        grant.purpose == Purpose::Marketing && !matches!(grant.scope, Scope::Recipient(_))
    });
    messages.map(|(bit, grant)| (*bit, grant))
}

fn channels(server: &Server, subject: &Subject, visit: &Visit, opened: &Opened) -> Markup {
    let (words, now) = (visit.words, server.edge.gate.now());
    html! {
        section class="card" aria-labelledby="channels" {
            h2 id="channels" { (words.channels) }
            @for (bit, grant) in marketing(server) {
                @let allowed = opened.contract.allowed.at(bit, now);
                @let name = format!("channel-{}", bit.0);
                form method="post" action="/me/contract" class="line" {
                    (token(subject.form_token()))
                    input type="hidden" name="grant" value=(grant.to_string());
                    input type="hidden" name="back" value=(Tab::Messages.path());
                    span id=(name) class=(if allowed { "state on" } else { "state" }) {
                        (title(visit, grant)) ": "
                        (if allowed { &words.allowed } else { &words.refused })
                    }
                    button name="allowed" value=(if allowed { "no" } else { "yes" })
                        aria-describedby=(name) {
                        (if allowed { &words.refuse } else { &words.allow })
                    }
                }
            }
        }
    }
}

fn wishes(subject: &Subject, visit: &Visit, wishes: &Wishes, now: Timestamp) -> Markup {
    let words = visit.words;
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let day = |at: Timestamp| instant(at).get(..10).unwrap_or_default().to_owned();
    let paused = wishes.paused_until.filter(|until| *until > now);
    html! {
        form method="post" action="/me/wishes" class="card stack" aria-labelledby="wishes" {
            h2 id="wishes" { (words.wishes) }
            (token(subject.form_token()))
            @if !visit.notice.topics.is_empty() {
                fieldset {
                    legend { (words.topics) }
                    @for topic in &visit.notice.topics {
                        label {
                            input type="checkbox" name="topic" value=(topic.name)
                                checked[!wishes.topics_left.contains(&topic.name)];
                            " " (topic.text(visit.language))
                        }
                    }
                }
            }
            label for="per-week" { (words.how_often) }
            select id="per-week" name="per_week" {
                option value="" selected[wishes.per_week.is_none()] { (words.no_limit) }
                @for count in PER_WEEK {
                    option value=(count) selected[wishes.per_week == Some(count)] {
                        (fill(&words.per_week, "count", &count.to_string()))
                    }
                }
            }
            fieldset {
                legend { (words.quiet_hours) }
                label { (words.quiet_from) " "
                    input type="time" name="quiet_from" value=[wishes.quiet.map(|quiet| clock(quiet.from))];
                }
                label { (words.quiet_until) " "
                    input type="time" name="quiet_until" value=[wishes.quiet.map(|quiet| clock(quiet.until))];
                }
            }
            label for="paused-until" { (words.pause_until) }
            input type="date" id="paused-until" name="paused_until" aria-describedby="pause-about"
                min=(day(now.plus_ms(DAY_MS))) max=(day(now.plus_ms(PAUSE_DAYS_MAX * DAY_MS)))
                value=[paused.map(day)];
            p id="pause-about" class="fine" { (words.pause_about) }
            button { (words.save) }
        }
    }
}

/// Takes what was set.
pub(crate) fn set(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let now = server.edge.gate.now();
    let wishes = read(visit, now).map_err(|what| Problem::new(Code::BadBody, what))?;
    server.edge.people.wish_own(subject, wishes, manner(visit))?;
    Ok(Answer::see("/me/messages?saved=1"))
}

/// No more marketing, on no channel.
pub(crate) fn stop(server: &Server, subject: &Subject, visit: &Visit) -> Result<Answer, Problem> {
    let noes: Vec<_> = marketing(server).map(|(bit, _)| (bit, false)).collect();
    speak(server, subject, visit, &noes, Method::PreferenceCentre)?;
    Ok(Answer::see("/me/messages?saved=1"))
}

fn manner(visit: &Visit) -> Manner {
    contract::manner(visit, Method::PreferenceCentre)
}

fn read(visit: &Visit, now: Timestamp) -> Result<Wishes, &'static str> {
    let given = |name: &str| visit.field(name).filter(|value| !value.is_empty());
    let per_week = given("per_week").map(|count| {
        let count = count.parse().ok().filter(|count| PER_WEEK.contains(count));
        count.ok_or("no such number of messages")
    });
    let quiet = match (given("quiet_from"), given("quiet_until")) {
        (Some(from), Some(until)) => {
            let (from, until) = (minute(from).ok_or("no time")?, minute(until).ok_or("no time")?);
            // From a time until itself is no time at all.
            Some(Quiet { from, until }).filter(|quiet| quiet.from != quiet.until)
        }
        _not_both => None,
    };
    let paused_until = given("paused_until").map(|day| end_of_pause(day, now)).transpose()?;
    let kept: BTreeSet<&str> = visit.fields("topic").collect();
    let left = visit.notice.topics.iter().filter(|topic| !kept.contains(&*topic.name));
    let topics_left = left.take(TOPICS_MAX).map(|topic| topic.name.clone()).collect();
    Ok(Wishes { per_week: per_week.transpose()?, quiet, paused_until, topics_left })
}

/// The minute of a day, of `21:30`; a browser may add seconds.
fn minute(text: &str) -> Option<u16> {
    let (hour, rest) = text.split_once(':')?;
    let minute = rest.split(':').next()?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && all < DAY_MINUTES).then_some(all)
}

/// The beginning of a day that is to come, UTC.
fn end_of_pause(day: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let date: Date = day.parse().map_err(|_| "no date")?;
    let start = date.to_zoned(TimeZone::UTC).map_err(|_| "no date")?;
    let at = Timestamp(start.timestamp().as_millisecond());
    let far = now.plus_ms(PAUSE_DAYS_MAX * DAY_MS);
    if now < at && at <= far { Ok(at) } else { Err("a pause ends within a year from now") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_minute_of_the_day() {
        for (text, wanted) in [
            ("00:00", Some(0)),
            ("21:30", Some(1_290)),
            ("21:30:59", Some(1_290)),
            ("23:59", Some(1_439)),
            ("24:00", None),
            ("12:60", None),
            ("noon", None),
            ("99999:1", None),
        ] {
            assert_eq!(minute(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_pause_ends_within_a_year() {
        let now = Timestamp(1_796_029_200_000);
        assert_eq!(end_of_pause("2026-12-24", now), Ok(Timestamp(1_798_070_400_000)));
        for day in ["2026-11-30", "2028-01-01", "soon", "2026-13-01", ""] {
            assert!(end_of_pause(day, now).is_err(), "{day}");
        }
    }
}
