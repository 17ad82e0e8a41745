//! Hollin & Reed, home goods: what it sells, what its pages are called, what people look for.

/// The domain of the shop's site, which can never be registered (RFC 2606).
pub(super) const SITE: &str = "https://hollin-reed.example";
/// The address that tills type in when a customer gives none.
pub(super) const SHOP_EMAIL: &str = "hello@hollin-reed.example";

/// One article.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Product {
    /// The shop's number for it.
    pub(super) sku: &'static str,
    /// Its name on the shelf.
    pub(super) name: &'static str,
    /// Its department.
    pub(super) category: &'static str,
    /// Its price in hundredths.
    pub(super) cents: i64,
}

const fn of(sku: &'static str, name: &'static str, category: &'static str, cents: i64) -> Product {
    Product { sku, name, category, cents }
}

/// Everything on sale, what sells well first.
pub(super) const PRODUCTS: [Product; 36] = [
    of("HR-1001", "Beeswax Candle, Tall", "candles", 1_450),
    of("HR-1002", "Linen Tea Towel, Set of 3", "kitchen", 2_400),
    of("HR-1003", "Stoneware Mug, Moss", "tableware", 1_600),
    of("HR-1004", "Oak Chopping Board", "kitchen", 3_900),
    of("HR-1005", "Washed Linen Pillowcase", "bedroom", 2_800),
    of("HR-1006", "Glass Storage Jar, 1 l", "kitchen", 1_200),
    of("HR-1007", "Wool Throw, Heather", "living room", 8_900),
    of("HR-1008", "Ash Clothes Brush", "laundry", 1_850),
    of("HR-1009", "Terracotta Pot, 20 cm", "garden", 1_400),
    of("HR-1010", "Willow Log Basket", "living room", 6_500),
    of("HR-1011", "Cast Iron Skillet, 26 cm", "kitchen", 5_400),
    of("HR-1012", "Duvet Cover, Double, Chalk", "bedroom", 11_900),
    of("HR-1013", "Reading Lamp, Brass", "lighting", 14_500),
    of("HR-1014", "Soap Dish, Slate", "bathroom", 1_100),
    of("HR-1015", "Cotton Bath Towel, Fern", "bathroom", 2_900),
    of("HR-1016", "Peg Rail, Five Hooks", "hallway", 4_200),
    of("HR-1017", "Doormat, Coir", "hallway", 3_200),
    of("HR-1018", "Serving Bowl, Speckled", "tableware", 3_600),
    of("HR-1019", "Cutlery Set, 24 Pieces", "tableware", 9_800),
    of("HR-1020", "Salt Pig", "kitchen", 2_200),
    of("HR-1021", "Secateurs", "garden", 3_400),
    of("HR-1022", "Watering Can, 5 l, Zinc", "garden", 3_900),
    of("HR-1023", "Table Runner, Hemp", "tableware", 2_700),
    of("HR-1024", "Wall Mirror, Round", "living room", 12_500),
    of("HR-1025", "Kilim Cushion", "living room", 4_800),
    of("HR-1026", "Enamel Kettle", "kitchen", 5_900),
    of("HR-1027", "Pendant Shade, Rattan", "lighting", 7_800),
    of("HR-1028", "Folding Step Stool", "hallway", 6_900),
    of("HR-1029", "Baby Blanket, Merino", "nursery", 5_500),
    of("HR-1030", "Toy Chest, Birch", "nursery", 13_500),
    of("HR-1031", "Armchair, Bouclé", "furniture", 64_900),
    of("HR-1032", "Dining Table, Oak, Six Seats", "furniture", 129_000),
    of("HR-1033", "Bookcase, Walnut", "furniture", 54_900),
    of("HR-1034", "Mattress Topper, Double", "bedroom", 18_900),
    of("HR-1035", "Gift Card", "gifts", 5_000),
    of("HR-1036", "Advent Calendar, Fabric", "gifts", 3_300),
];

/// What people type into the search box.
pub(super) const SEARCHES: [&str; 24] = [
    "candles",
    "linen bedding",
    "oak table",
    "wedding gift",
    "mug",
    "tea towels",
    "lamp",
    "bath towels white",
    "storage jars",
    "throw blanket",
    "doormat",
    "kettle",
    "cushions green",
    "baby blanket",
    "plant pots",
    "coat hooks",
    "cast iron pan",
    "opening hours",
    "returns",
    "gift card balance",
    "duvet cover king",
    "housewarming present",
    "dining chairs",
    "salt pig",
];

/// What people type into the search box when they mistake it for a person; `@` is their email,
/// `#` their phone, `~` their full name.
pub(super) const CONFIDENCES: [&str; 8] = [
    "where is my order @",
    "order status @",
    "call me back # please",
    "gift for ~",
    "unsubscribe @",
    "password reset @",
    "my number is #",
    "account ~ @",
];

/// What people write to the service desk; the same marks.
pub(super) const MESSAGES: [&str; 6] = [
    "Hello, my parcel has not arrived. Please write to @ or ring #. Best wishes, ~",
    "The lamp came broken. I ordered it as ~. You can reach me on #.",
    "Can you change the address of my order? My email is @. Thanks!",
    "I moved last month, please update my account (@). ~",
    "Do you have the oak table in the shop? No hurry, evenings on # are best.",
    "Please send the invoice to @ and to my husband as well.",
];

/// Links of the newsletter by campaign.
pub(super) const CAMPAIGNS: [&str; 8] = [
    "spring-table",
    "garden-weekend",
    "summer-linen",
    "back-to-desk",
    "autumn-light",
    "advent",
    "winter-sale",
    "thank-you",
];

/// Browsers that visit.
pub(super) const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
];

/// Where visitors come from.
pub(super) const REFERRERS: [&str; 6] = [
    "",
    "",
    "https://search.example/",
    "https://social.example/",
    "https://homes-blog.example/",
    "",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_article_has_its_own_number_and_a_price() {
        let skus: HashSet<_> = PRODUCTS.iter().map(|product| product.sku).collect();
        assert_eq!(skus.len(), PRODUCTS.len());
        assert!(PRODUCTS.iter().all(|product| product.cents > 0));
    }
}
