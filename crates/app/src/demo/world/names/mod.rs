//! Names people really have, by the culture that gives them. Every person made of them is invented.

mod far;
mod north;
mod south;

/// The names of one culture, the common ones first.
#[derive(Debug)]
pub(super) struct Names {
    /// Given names of women.
    pub(super) female: Vec<&'static str>,
    /// Given names of men.
    pub(super) male: Vec<&'static str>,
    /// Family names.
    pub(super) family: Vec<&'static str>,
}

/// The lists as they are written: female, male and family names, parted by commas.
type Lists = [&'static str; 3];

/// Every culture. The order is part of the seed's meaning.
const ALL: [Lists; 12] = [
    north::ENGLISH,
    north::GERMAN,
    north::FRENCH,
    north::DUTCH,
    south::SPANISH,
    south::ITALIAN,
    south::POLISH,
    north::SWEDISH,
    far::INDIAN,
    far::TURKISH,
    far::CHINESE,
    far::NIGERIAN,
];

/// All lists, split.
pub(super) fn all() -> Vec<Names> {
    ALL.iter()
        .map(|[female, male, family]| Names {
            female: female.split(',').collect(),
            male: male.split(',').collect(),
            family: family.split(',').collect(),
        })
        .collect()
}

/// Short names by the full one. A full name may have several.
const NICKNAMES: &str = "Alexander:Alex,Alexander:Sasha,Alexandra:Alex,Amelia:Millie,Andrew:Andy,\
    Anthony:Tony,Barbara:Babs,Benjamin:Ben,Catherine:Cathy,Catherine:Kate,Charles:Charlie,\
    Charlotte:Lottie,Christine:Chris,Christopher:Chris,Daniel:Dan,David:Dave,Deborah:Debbie,\
    Edward:Ed,Edward:Ted,Eleanor:Ellie,Elizabeth:Liz,Elizabeth:Beth,Emily:Em,Francesca:Franca,\
    Francisco:Paco,Friedrich:Fritz,Giuseppe:Beppe,Hannah:Hanna,Henry:Harry,Isabella:Bella,\
    Jacob:Jake,James:Jim,James:Jamie,Jennifer:Jenny,Johannes:Hans,John:Jack,Jonathan:Jon,\
    José:Pepe,Joseph:Joe,Joshua:Josh,Katarzyna:Kasia,Katharina:Kathi,Kenneth:Ken,Lawrence:Larry,\
    Małgorzata:Gosia,Manuel:Manolo,Margaret:Peggy,Margaret:Maggie,Maria:Mia,Matthew:Matt,\
    Maximilian:Max,Michael:Mike,Nicholas:Nick,Olivia:Liv,Patricia:Pat,Patrick:Paddy,Peter:Pete,\
    Rebecca:Becky,Richard:Dick,Richard:Rick,Robert:Bob,Robert:Rob,Ronald:Ron,Samuel:Sam,\
    Sebastian:Basti,Stephen:Steve,Susan:Sue,Theodore:Theo,Thomas:Tom,Timothy:Tim,Victoria:Vicky,\
    Vincenzo:Enzo,William:Bill,William:Will,Zofia:Zosia";

/// Short names of `name`.
pub(super) fn nicknames(name: &str) -> impl Iterator<Item = &'static str> {
    NICKNAMES
        .split(',')
        .filter_map(|pair| pair.split_once(':'))
        .filter(move |(full, _)| *full == name)
        .map(|(_, short)| short)
}

/// A Polish family name takes the gender of who bears it; others stay as they are.
pub(super) fn gendered(family: &str, female: bool) -> String {
    match family.strip_suffix("ski").or_else(|| family.strip_suffix("cki")) {
        Some(_) if female => {
            let mut name: String = family.chars().take(family.chars().count() - 1).collect();
            name.push('a');
            name
        }
        _ => family.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_list_is_long_and_has_no_doubles() {
        for names in all() {
            for (list, least) in [(&names.female, 28), (&names.male, 28), (&names.family, 40)] {
                assert!(list.len() >= least, "{list:?}");
                assert_eq!(list.iter().collect::<HashSet<_>>().len(), list.len(), "{list:?}");
                assert!(list.iter().all(|name| !name.is_empty() && name.trim() == *name));
            }
        }
    }

    #[test]
    fn polish_names_follow_their_bearer() {
        for (family, female, shown) in [
            ("Kowalski", true, "Kowalska"),
            ("Kowalski", false, "Kowalski"),
            ("Potocki", true, "Potocka"),
            ("Nowak", true, "Nowak"),
        ] {
            assert_eq!(gendered(family, female), shown);
        }
    }
}
