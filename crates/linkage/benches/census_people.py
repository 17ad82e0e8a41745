"""Makes a CSV of people whose names are as common as in a census, with the truth beside them.

    pip install faker
    python census_people.py 80000 people.csv [--locale de_DE] [--seed 2] [--few]

A generator by another hand than the bench's own, for names are what it is about: as many people bear
one name as really do, so that strangers of one name are most of what a linker has to tell apart.
Homes of one to five, couples of two names, twins, father and son of one name, moves, marriages,
shared addresses and lines, gaps, slips, swapped names, fillers. `--few` draws from 400 whole names
and leaves most fields out.
"""

import argparse
import csv
import random

from faker import Faker

MAIL = ["gmail.com"] * 5 + ["yahoo.com"] * 3 + ["outlook.com", "aol.com", "icloud.com"]
FILLED = {
    "email": ["na@na.com", "none@none.com", "test@test.com"],
    "phone": ["000-000-0000", "999-999-9999", "555-555-5555"],
}


class World:
    def __init__(self, words):
        self.fake = Faker(words.locale)
        Faker.seed(words.seed)
        self.dice = random.Random(words.seed)
        self.few = words.few
        names = [(self.fake.first_name(), self.fake.last_name()) for _ in range(3_000)]
        self.given = sorted({given for given, _ in names})[:20]
        self.family = sorted({family for _, family in names})[:20]
        self.streets = [self.fake.street_name() for _ in range(max(50, words.people // 20))]
        towns = range(max(20, words.people // 400))
        self.towns = [(self.fake.city(), self.fake.postcode()) for _ in towns]
        self.sizes = [1 / (place + 1) ** 0.7 for place in towns]

    def often(self, share):
        return self.dice.random() < share

    def given_name(self, sex):
        if self.few:
            return self.dice.choice(self.given)
        return self.fake.first_name_female() if sex == "F" else self.fake.first_name_male()

    def family_name(self):
        return self.dice.choice(self.family) if self.few else self.fake.last_name()

    def phone(self):
        below = self.dice.randint
        return f"{below(201, 989):03}-{below(200, 999):03}-{below(0, 9_999):04}"

    def address(self):
        city, postcode = self.dice.choices(self.towns, self.sizes)[0]
        street = f"{self.dice.randint(1, 900)} {self.dice.choice(self.streets)}"
        return {"street": street, "city": city, "postcode": postcode}

    def born(self, first, last):
        below = self.dice.randint
        return f"{below(first, last):04}-{below(1, 12):02}-{below(1, 28):02}"

    def email(self, given, family, born):
        given, family = given.lower(), family.lower().replace(" ", "")
        number = self.dice.randint
        local = self.dice.choice(
            [
                f"{given}.{family}",
                f"{given[0]}{family}",
                f"{given}{family}{born[2:4]}",
                f"{given}{number(1, 999)}",
                f"{family}{number(1, 99)}",
                f"x{number(1_000, 9_999_999)}",
            ]
        )
        return f"{local}@{self.dice.choice(MAIL)}"

    def slip(self, text):
        if len(text) < 3:
            return text
        at, letter = self.dice.randrange(len(text) - 1), self.dice.choice("abcdefghijklmnopqrstuvwxyz")
        return self.dice.choice(
            [
                text[:at] + text[at + 1 :],
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                text[:at] + letter + text[at:],
                text[:at] + letter + text[at + 1 :],
            ]
        )

    def home(self):
        """The members of one home."""
        here, before = self.address(), self.address()
        line, family = self.phone() if self.often(0.5) else "", self.family_name()
        members = []
        for place in range(self.dice.choices([1, 2, 3, 4, 5], [35, 30, 14, 13, 8])[0]):
            sex = self.dice.choice("MF")
            own = family if place != 1 or self.often(0.7) else self.family_name()
            born = self.born(1935, 2002) if place < 2 else self.born(1995, 2015)
            given, suffix = self.given_name(sex), ""
            if place >= 3 and self.often(0.1):
                born = members[2]["born"]
            if place == 2 and members[0]["sex"] == sex == "M" and self.often(0.06):
                given, suffix = members[0]["given"], "Jr" if self.often(0.4) else ""
            emails = [self.email(given, own, born) for _ in range(self.dice.choice([1, 1, 2]))]
            emails = emails if self.often(0.85) else []
            if members and members[0]["emails"] and self.often(0.08):
                emails = members[0]["emails"]
            phones = [self.phone()] if self.often(0.75) else []
            phones += [line] if line and self.often(0.4) else []
            members.append(
                {
                    "given": given,
                    "family": own,
                    "maiden": self.family_name() if sex == "F" and self.often(0.06) else own,
                    "born": born,
                    "sex": sex,
                    "suffix": suffix,
                    "emails": emails,
                    "phones": phones,
                    "here": here,
                    "before": before if self.often(0.2) else here,
                }
            )
        return members

    def records(self, person):
        """What is known of one person, record by record."""
        count = self.dice.choices([1, 2, 3, 4, 6], [40, 28, 17, 10, 5])[0]
        return [self.record(person, late=place >= count / 2) for place in range(count)]

    def record(self, person, late):
        pick = lambda some: self.dice.choice(some) if some else ""
        record = {
            "first_name": person["given"],
            "last_name": person["family" if late else "maiden"],
            "birth_date": person["born"],
            "sex": person["sex"],
            "email": pick(person["emails"]),
            "phone": pick(person["phones"]),
            **person["here" if late else "before"],
            "suffix": person["suffix"],
        }
        for column in ("birth_date", "email", "phone", "sex"):
            if self.often(0.65 if self.few else 0.3):
                record[column] = ""
        if self.often(0.7 if self.few else 0.35):
            record.update(street="", city="", postcode="")
        first, last = record["first_name"], record["last_name"]
        kind = self.dice.random()
        if kind < 0.05:
            record["first_name"] = first[0]
        elif kind < 0.09:
            record["first_name"] = ""
        elif kind < 0.12:
            record["last_name"] = ""
        elif kind < 0.14:
            record["first_name"], record["last_name"] = last, first
        for column in ("first_name", "last_name", "street", "email", "city"):
            if self.often(0.05):
                record[column] = self.slip(record[column])
        if record["phone"] and self.often(0.04):
            record["phone"] = record["phone"][:-2] + f"{self.dice.randint(10, 99)}"
        if record["birth_date"] and self.often(0.05):
            born = record["birth_date"]
            swapped = f"{born[:5]}{born[8:]}-{born[5:7]}" if int(born[8:]) <= 12 else born
            slipped = born[:-1] + f"{self.dice.randint(0, 8)}"
            record["birth_date"] = self.dice.choice([swapped, slipped, born[:4] + "-01-01", "1900-01-01"])
        for column, fillers in FILLED.items():
            if self.often(0.02):
                record[column] = self.dice.choice(fillers)
        return record


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("people", type=int)
    words.add_argument("out")
    words.add_argument("--locale", default="en_US")
    words.add_argument("--seed", type=int, default=2)
    words.add_argument("--few", action="store_true")
    words = words.parse_args()
    world, rows, people, homes = World(words), [], 0, 0
    while people < words.people:
        homes += 1
        for person in world.home()[: words.people - people]:
            people += 1
            truth = {"entity_id": people, "household_id": homes}
            rows += [{**record, **truth} for record in world.records(person)]
    world.dice.shuffle(rows)
    with open(words.out, "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, ["id", *rows[0]])
        out.writeheader()
        out.writerows({"id": number, **row} for number, row in enumerate(rows))


main()
