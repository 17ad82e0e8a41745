//! *Your household*: what one of a home sees of the others, and that a word against it is obeyed.

use super::{Served, Visitor};
use laws::brand::{batch, event};
use laws::house::WEB;
use serde_json::json;

impl Served {
    /// Ada and Bob share a home and a telephone; Cy gives the same address and nothing more.
    pub(super) fn share_a_home(&mut self) {
        let said = [
            ("ada", "Archer", Some("+44 113 496 0123")),
            ("bob", "Birch", Some("+44 113 496 0123")),
            ("cy", "Cooper", None),
        ];
        let events = said.map(|(name, family, phone)| {
            let address = json!({ "street": "12 Elm Street", "postalCode": "LS1 4AP" });
            let email = format!("{name}@post.example");
            let mut traits = json!({
                "firstName": name, "lastName": family, "email": email, "address": address,
            });
            if let Some(phone) = phone {
                traits["phone"] = phone.into();
            }
            let more = json!({ "userId": format!("user-{name}"), "traits": traits });
            event("identify", &format!("home-{name}"), "2026-11-21T10:00:00Z", &more)
        });
        self.client.sent(WEB, &batch(&events));
    }

    fn household(&mut self, visitor: &Visitor) -> String {
        let answer = self.page("/me/household", visitor);
        assert_eq!(answer.status, 200);
        answer.text()
    }

    fn denies(&mut self, visitor: &Visitor, member: &str) {
        self.waits(1_000);
        let fields = [("token", &*visitor.token), ("member", member)];
        let answer = self.form("/me/household/apart", &visitor.cookie, &fields);
        assert_eq!(answer.header("location"), Some("/me/household?saved=1"), "{}", answer.text());
    }
}

const BEGINS_WITH: &str = "Somebody whose given name begins with";
const SOMEBODY: &str = "Somebody gives the same address";

/// The handle of a card by its title.
fn handle(page: &str, title: &str) -> String {
    let card = page.split(title).nth(1).unwrap();
    let value = card.split("name=\"member\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[test]
fn of_others_a_page_shows_what_its_customer_knows_already() {
    let mut served = Served::new();
    served.share_a_home();
    let ada = served.comes_in("ada");
    let page = served.household(&ada);
    assert!(page.contains(&format!("{BEGINS_WITH} B")), "{page}");
    assert!(page.contains("the same address, the same phone number"), "{page}");
    assert_eq!(page.matches(SOMEBODY).count(), 1, "{page}");
    let (bob, cy) = (served.person("bob"), served.person("cy"));
    for word in ["Bob", "bob", "Birch", "post.example", "Cooper", "496", "Elm", "LS1", &bob, &cy] {
        let page = page.replace(&ada.token, "");
        assert!(!page.contains(word), "{word}: {page}");
    }
    // The day is of those who have something in common, and of oneself.
    assert_eq!(page.matches("2026-11-21").count(), 2, "{page}");
    // To Cy the two others are nobody in particular.
    let cy = served.comes_in("cy");
    let page = served.household(&cy);
    assert_eq!((page.matches(SOMEBODY).count(), page.matches(BEGINS_WITH).count()), (2, 0));
    assert_eq!(page.matches("2026-11-21").count(), 1, "{page}");
    // Bob finds who looked, and not that it was he.
    let bob = served.comes_in("bob");
    let uses = served.page("/me/uses", &bob).text();
    assert!(uses.contains("somebody who gives your address"), "{uses}");
}

#[test]
fn who_denies_somebody_is_not_shown_them_again_nor_they_them() {
    let mut served = Served::new();
    served.share_a_home();
    let (ada, bob) = (served.comes_in("ada"), served.comes_in("bob"));
    let member = handle(&served.household(&ada), BEGINS_WITH);
    // A handle is the viewer's own: Bob cannot say anything with it.
    served.denies(&bob, &member);
    assert!(served.household(&ada).contains(BEGINS_WITH));
    served.denies(&ada, &member);
    assert!(!served.household(&ada).contains(BEGINS_WITH));
    assert!(!served.household(&bob).contains(BEGINS_WITH));
    served.denies(&bob, "all");
    assert!(served.household(&bob).contains("nobody else is known to us"));
}

#[test]
fn who_refuses_is_in_no_household_and_on_nobodys_page() {
    let mut served = Served::new();
    served.share_a_home();
    let (ada, bob) = (served.comes_in("ada"), served.comes_in("bob"));
    assert!(served.household(&ada).contains(BEGINS_WITH));
    let answer = served.says(&bob, "household_linking", "no");
    assert_eq!(answer.status, 303);
    assert!(!served.household(&ada).contains(BEGINS_WITH));
    let page = served.household(&bob);
    assert!(page.contains("You do not allow your household to be recognised"), "{page}");
    assert!(!page.contains(SOMEBODY) && !page.contains(BEGINS_WITH), "{page}");
    served.says(&bob, "household_linking", "yes");
    assert!(served.household(&ada).contains(BEGINS_WITH));
}
