//! Made-up people of any number: households, twins, father and son of one name, moves, maiden names,
//! nicknames, typing errors, gaps, junk. The same for the same seed; the truth comes with it.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it makes what it indexes, and a mistake shall stop the test"
)]

/// Columns of what is made.
pub(crate) const HEADER: &[&str] = &[
    "given_name",
    "middle_name",
    "surname",
    "suffix",
    "sex",
    "birth_date",
    "street",
    "city",
    "state",
    "postcode",
    "email",
    "phone",
    "source",
    "ts",
];

/// One record with its truth.
pub(crate) struct Made {
    pub(crate) values: [String; 14],
    pub(crate) person: u32,
    pub(crate) household: u32,
}

/// A generator of numbers: `splitmix64`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Small numbers often, large ones rarely, as names are.
    fn skewed(&mut self, end: usize) -> usize {
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (((end as f64).powf(unit) - 1.0) as usize).min(end - 1)
    }
}

const GIRLS: &[&str] = &[
    "mary",
    "patricia",
    "jennifer",
    "linda",
    "elizabeth",
    "barbara",
    "susan",
    "jessica",
    "sarah",
    "karen",
    "lisa",
    "nancy",
    "betty",
    "sandra",
    "margaret",
    "ashley",
    "kimberly",
    "emily",
    "donna",
    "michelle",
    "carol",
    "amanda",
    "melissa",
    "deborah",
    "stephanie",
    "rebecca",
    "sharon",
    "laura",
    "cynthia",
    "amy",
];
const BOYS: &[&str] = &[
    "james",
    "robert",
    "john",
    "michael",
    "david",
    "william",
    "richard",
    "joseph",
    "thomas",
    "charles",
    "christopher",
    "daniel",
    "matthew",
    "anthony",
    "mark",
    "donald",
    "steven",
    "andrew",
    "paul",
    "joshua",
    "kenneth",
    "kevin",
    "brian",
    "george",
    "timothy",
    "ronald",
    "edward",
    "jason",
    "jeffrey",
    "ryan",
];
const SHORT: &[(&str, &str)] = &[
    ("robert", "bob"),
    ("william", "bill"),
    ("elizabeth", "liz"),
    ("michael", "mike"),
    ("james", "jim"),
    ("thomas", "tom"),
    ("richard", "rick"),
    ("margaret", "peggy"),
    ("patricia", "pat"),
    ("edward", "ed"),
];
const STARTS: &[&str] = &[
    "al", "ber", "cas", "dor", "el", "fitz", "gor", "hal", "ing", "jar", "kel", "lam", "mac",
    "nor", "ol", "pem", "quin", "ros", "sten", "tal", "ul", "ver", "wes", "yar", "zim", "bran",
    "chur", "dra", "frei", "gru",
];
const ENDS: &[&str] = &[
    "son", "ton", "ley", "man", "berg", "ford", "well", "field", "er", "ini", "ez", "ski", "stein",
    "wood", "den", "land", "ham", "worth", "more", "ke", "ant", "ard", "bach", "holm", "dale",
    "mer", "ling", "cott",
];
const KINDS: &[&str] = &["street", "road", "avenue", "lane", "drive", "court"];
const MAIL: &[&str] = &["gmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com"];

fn word(number: usize) -> String {
    let (start, rest) = (number % STARTS.len(), number / STARTS.len());
    let (end, rest) = (rest % ENDS.len(), rest / ENDS.len());
    let middle = if rest == 0 { "" } else { STARTS[rest % STARTS.len()] };
    format!("{}{}{}", STARTS[start], middle, ENDS[end])
}

#[derive(Clone)]
struct Person {
    id: u32,
    given: String,
    middle: String,
    family: String,
    suffix: &'static str,
    female: bool,
    birth: (usize, usize, usize),
    email: String,
    phone: String,
}

struct Home {
    id: u32,
    address: [String; 4],
    family_email: String,
    landline: String,
}

fn address(dice: &mut Dice) -> [String; 4] {
    let place = dice.skewed(3_000);
    let street = format!(
        "{} {} {}",
        1 + dice.below(1_999),
        word(dice.skewed(9_000)),
        KINDS[dice.below(KINDS.len())]
    );
    [
        street,
        word(place * 7 + 3),
        format!("s{}", place % 50),
        format!("{:05}", 10_000 + place * 27 + dice.below(5)),
    ]
}

fn person(dice: &mut Dice, id: u32, family: &str, year: usize) -> Person {
    let female = dice.chance(50);
    let number = dice.skewed(2_000);
    let names = if female { GIRLS } else { BOYS };
    let given = names
        .get(number)
        .map_or_else(|| word(number * 2 + usize::from(female)), |name| (*name).to_owned());
    let middle = if dice.chance(60) {
        ((b'a' + dice.below(26) as u8) as char).to_string()
    } else {
        String::new()
    };
    let local = match dice.below(4) {
        0 => format!("{given}.{family}"),
        1 => format!("{given}{family}{}", dice.below(100)),
        2 => format!("{}{family}{}", &given[..1], dice.below(1_000)),
        _ => format!("{given}{}", dice.below(1_000)),
    };
    // Providers give an address out once.
    let local = format!("{local}{}", id % 100_000);
    let email = format!("{local}@{}", MAIL[dice.skewed(MAIL.len())]);
    let phone = format!(
        "{:03}{:03}{:04}",
        200 + dice.below(700),
        200 + dice.below(700),
        dice.below(10_000)
    );
    let birth = (year, 1 + dice.below(12), 1 + dice.below(28));
    Person { id, given, middle, family: family.to_owned(), suffix: "", female, birth, email, phone }
}

fn typo(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let place = dice.below(letters.len() - 1);
    match dice.below(4) {
        0 => letters.swap(place, place + 1),
        1 => drop(letters.remove(place)),
        2 => letters.insert(place, letters[place]),
        _ => letters[place] = (b'a' + dice.below(26) as u8) as char,
    }
    letters.into_iter().collect()
}

/// Makes about `records` records.
pub(crate) fn people(seed: u64, records: usize) -> Vec<Made> {
    let mut dice = Dice::new(seed);
    let mut made = Vec::with_capacity(records + 64);
    let (mut next_person, mut next_home) = (0, 0);
    while made.len() < records {
        let family = word(dice.skewed(12_000));
        let mut home = Home {
            id: next_home,
            address: address(&mut dice),
            family_email: format!(
                "the{family}s{}@{}",
                dice.below(10_000),
                MAIL[dice.below(MAIL.len())]
            ),
            landline: format!("{:03}{:07}", 200 + dice.below(700), dice.below(10_000_000)),
        };
        next_home += 1;
        let members = household(&mut dice, &mut next_person, &family);
        let moves = dice.chance(25);
        let before: Vec<String> = home.address.to_vec();
        let after = if moves { address(&mut dice) } else { home.address.clone() };
        for member in &members {
            let count = 1 + dice.skewed(7);
            for _ in 0..count {
                let late = dice.chance(50);
                home.address =
                    if late { after.clone() } else { before.clone().try_into().unwrap() };
                made.push(record(&mut dice, member, &home, late));
            }
        }
    }
    // Records of one person do not stand together.
    for place in (1..made.len()).rev() {
        let other = dice.below(place + 1);
        made.swap(place, other);
    }
    made
}

fn household(dice: &mut Dice, next: &mut u32, family: &str) -> Vec<Person> {
    let mut members = Vec::new();
    let mut add = |person: Person, next: &mut u32| {
        *next += 1;
        members.push(person);
    };
    let year = 1935 + dice.below(60);
    let first = person(dice, *next, family, year);
    add(first.clone(), next);
    if dice.chance(60) {
        let later = dice.below(6);
        let mut other = person(dice, *next, family, year + later);
        other.female = !first.female;
        add(other, next);
    }
    for _ in 0..dice.skewed(5) {
        let later = 22 + dice.below(15);
        let child = person(dice, *next, family, year + later);
        add(child.clone(), next);
        if dice.chance(3) {
            let mut twin = person(dice, *next, family, child.birth.0);
            twin.birth = child.birth;
            add(twin, next);
        }
    }
    if !first.female && dice.chance(6) {
        let mut son = person(dice, *next, family, year + 27);
        son.given.clone_from(&first.given);
        son.female = false;
        son.suffix = "Jr";
        add(son, next);
    }
    members
}

fn birth(dice: &mut Dice, person: &Person) -> String {
    let (year, mut month, mut day) = person.birth;
    if dice.chance(2) && day <= 12 {
        std::mem::swap(&mut month, &mut day);
    }
    match dice.below(100) {
        0 => "1900-01-01".to_owned(),
        1 | 2 => format!("{year:04}-{month:02}-{:02}", 1 + dice.below(28)),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    }
}

fn record(dice: &mut Dice, person: &Person, home: &Home, late: bool) -> Made {
    let blank = |dice: &mut Dice, percent: usize, text: String| {
        if dice.chance(percent) { String::new() } else { text }
    };
    let mut given = person.given.clone();
    if let Some((_, short)) = SHORT.iter().find(|(full, _)| *full == given)
        && dice.chance(20)
    {
        given = (*short).into();
    }
    let mut family = person.family.clone();
    if dice.chance(8) {
        given = typo(dice, &given);
    }
    if dice.chance(8) {
        family = typo(dice, &family);
    }
    if dice.chance(1) {
        std::mem::swap(&mut given, &mut family);
    }
    let birth = birth(dice, person);
    let email = match dice.below(100) {
        0 => "noemail@store.com".to_owned(),
        1..=8 => home.family_email.clone(),
        9..=11 => typo(dice, &person.email),
        _ => person.email.clone(),
    };
    let phone = match dice.below(100) {
        0 => "999-999-9999".to_owned(),
        1..=12 => home.landline.clone(),
        13..=15 => typo(dice, &person.phone),
        _ => person.phone.clone(),
    };
    let [mut street, city, state, postcode] = home.address.clone();
    if dice.chance(8) {
        street = typo(dice, &street);
    }
    let homeless = dice.chance(40);
    let place = |text: String| if homeless { String::new() } else { text };
    let sex = if person.female { "F" } else { "M" };
    let middle = blank(dice, 60, person.middle.clone());
    let suffix = blank(dice, 50, person.suffix.to_owned());
    let sex = blank(dice, 50, sex.to_owned());
    let birth = blank(dice, 45, birth);
    let email = blank(dice, 30, email);
    let phone = blank(dice, 35, phone);
    let values = [
        blank(dice, 4, given),
        middle,
        blank(dice, 4, family),
        suffix,
        sex,
        birth,
        place(street),
        place(city),
        place(state),
        place(postcode),
        email,
        phone,
        ["web", "crm", "pos"][dice.below(3)].to_owned(),
        (usize::from(late) * 1_000_000 + dice.below(900_000)).to_string(),
    ];
    Made { values, person: person.id, household: home.id }
}
