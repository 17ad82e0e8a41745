//! Browsers on other origins: preflights before any key, answers that their pages may read.

use crate::house::{House, SHOP};
use web::ROUTES;

const ORIGIN: &str = "https://shop.example";

#[tokio::test]
async fn every_intake_address_answers_a_preflight_without_a_key() {
    let house = House::new();
    for route in ROUTES.iter().filter(|route| route.cors()) {
        for path in route.spellings() {
            let path = path.replace("{kind}", "track").replace("{key}", SHOP);
            let path = path.replace("{file}", "part.js");
            let asked = "authorization,anonymousid,sentat,x-retry-count";
            let headers = [
                ("origin", ORIGIN),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", asked),
            ];
            let answer = house.call("OPTIONS", &path, &headers, "").await;
            assert_eq!(answer.status, 204, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
            assert_eq!(answer.header("access-control-allow-headers"), Some(asked), "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
            let age = answer.header("access-control-max-age").unwrap().parse::<u32>().unwrap();
            assert!(age >= 900);
        }
    }
}

#[tokio::test]
async fn pages_may_read_answers_good_and_bad() {
    let house = House::new();
    let settings = format!("/v1/projects/{SHOP}/settings");
    for (method, path, status) in [
        ("POST", "/v1/batch", 400),
        ("GET", settings.as_str(), 200),
        ("GET", "/v1/projects/nobody/settings", 401),
        ("GET", "/sourceConfig/?writeKey=nobody", 401),
        ("GET", "/pixel/v1/page", 200),
    ] {
        let answer = house.call(method, path, &[("origin", ORIGIN)], "").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN), "{path}");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn nobody_else_s_page_may_read_the_api() {
    let house = House::new();
    let headers = [("origin", ORIGIN), ("access-control-request-method", "GET")];
    for path in ["/api/people", "/api/sources", "/healthz"] {
        let answer = house.call("OPTIONS", path, &headers, "").await;
        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}
