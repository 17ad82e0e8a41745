//! The other side of `GDPRbench`: tables of a real `PostgreSQL`, retrofitted for the same duties.

use super::gdpr::Hand;
use super::gdpr_mix::{Operation, PAGE};
use super::traffic::{FAMILY, GIVEN, pick};
use anyhow::Result;
use app::chance::SystemRng;
use model::Rng;
use postgres::{Client, GenericClient, NoTls, Statement};
use serde_json::json;
use std::hint::black_box;

/// Records of one transaction while records are made.
const FILL: usize = 1_000;

const SERVICE: &str = "concierge";

/// The purposes that somebody is asked about.
const ASKED: [&str; 6] = [
    "service_provision",
    "analytics",
    "personalisation",
    "marketing",
    "cross_context_advertising",
    "third_party_sharing",
];

const SCHEMA: &str = "
create extension pgcrypto;
create table keys (id bigint primary key, iv bytea not null, wrapped bytea not null);
create table records (
    id bigint primary key, usr text not null unique, origin text not null,
    purposes text[] not null, objections text[] not null, sharing text[] not null,
    expiry timestamptz not null, iv bytea not null, data bytea not null);
create index on records (origin);
create index on records (expiry);
create index on records using gin (purposes);
create index on records using gin (objections);
create index on records using gin (sharing);
create table evidence (
    record bigint not null, at timestamptz not null, purpose text not null, allowed bool not null,
    service text not null);
create index on evidence (record, at);
create table audit (
    id bigserial primary key, at timestamptz not null, service text not null, kind text not null,
    purpose text not null, record bigint not null, allowed bool not null);
create index on audit (record, at);
";

const CREATE: &str = "
with key as (insert into keys values ($1, $4, encrypt_iv($3, $2, $4, 'aes'))),
row as (insert into records values ($1, $5, 'web', $7, $8, '{}', now() + interval '1 year', $9,
    encrypt_iv($6, $3, $9, 'aes'))),
said as (insert into evidence select $1, now(), purpose, true, $10 from unnest($7::text[]) purpose
    union all select $1, now(), purpose, false, $10 from unnest($8::text[]) purpose)
insert into audit (at, service, kind, purpose, record, allowed)
values (now(), $10, 'create', 'operations', $1, true)";

const READ_BY_KEY: &str = "
with found as (
    select r.id, r.iv, r.data, k.iv as key_iv, k.wrapped,
        r.purposes @> array[$3::text] and not r.objections @> array[$3::text] as allowed
    from records r join keys k on k.id = r.id where r.usr = $1 and r.expiry > now()),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $4, 'view', $3, id, allowed from found)
select convert_from(decrypt_iv(data, decrypt_iv(wrapped, $2, key_iv, 'aes'), iv, 'aes'), 'UTF8')
from found where allowed";

const READ_BY_PURPOSE: &str = "
with found as (
    select r.id, r.iv, r.data, k.iv as key_iv, k.wrapped
    from records r join keys k on k.id = r.id
    where r.id > $1 and r.expiry > now() and r.purposes @> array[$3::text]
        and not r.objections @> array[$3::text] order by r.id limit $5),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $4, 'view', $3, id, true from found)
select convert_from(decrypt_iv(data, decrypt_iv(wrapped, $2, key_iv, 'aes'), iv, 'aes'), 'UTF8')
from found";

const READ_OWN: &str = "
with found as (
    select r.id, r.iv, r.data, k.iv as key_iv, k.wrapped
    from records r join keys k on k.id = r.id where r.usr = $1),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $3, 'subject access', 'subject_access', id, true from found)
select convert_from(decrypt_iv(data, decrypt_iv(wrapped, $2, key_iv, 'aes'), iv, 'aes'), 'UTF8')
from found";

const READ_METADATA: &str = "
with found as (select * from records where usr = $1),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $2, 'subject access', 'subject_access', id, true from found)
select purposes, objections, sharing, expiry::text, origin,
    array(select at::text || ' ' || purpose || ' ' || allowed::text || ' ' || service
        from evidence where record = found.id order by at)
from found";

const UPDATE_DATA: &str = "
with changed as (
    update records r set iv = $4,
        data = encrypt_iv($3, decrypt_iv(k.wrapped, $2, k.iv, 'aes'), $4, 'aes')
    from keys k where k.id = r.id and r.usr = $1 returning r.id),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $5, 'correct', 'operations', id, true from changed)
select id from changed";

const UPDATE_METADATA: &str = "
with changed as (
    update records set
        purposes = case when $3 then array_append(array_remove(purposes, $2::text), $2::text)
            else array_remove(purposes, $2::text) end,
        objections = case when $3 then array_remove(objections, $2::text)
            else array_append(array_remove(objections, $2::text), $2::text) end,
        sharing = case when $2::text <> 'third_party_sharing' then sharing
            when $3 then array['partner'] else '{}' end
    where usr = $1 returning id),
said as (insert into evidence select id, now(), $2::text, $3, $4 from changed),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $4, 'say', 'operations', id, true from changed)
select id from changed";

const DELETE: &str = "
with gone as (delete from records where usr = $1 returning id),
key as (delete from keys using gone where keys.id = gone.id),
said as (delete from evidence using gone where evidence.record = gone.id),
used as (delete from audit using gone where audit.record = gone.id),
told as (insert into audit (at, service, kind, purpose, record, allowed)
    select now(), $2, 'erase', 'subject_access', id, true from gone)
select id from gone";

/// The tables, filled.
pub(super) struct Retrofit {
    url: String,
    /// What wraps the keys of records. The client holds it.
    key: [u8; 32],
}

/// A connection with its prepared statements.
pub(super) struct TheirHand {
    client: Client,
    key: [u8; 32],
    create: Statement,
    read_by_key: Statement,
    read_by_purpose: Statement,
    read_own: Statement,
    read_metadata: Statement,
    update_data: Statement,
    update_metadata: Statement,
    delete: Statement,
}

impl Retrofit {
    pub(super) fn open(url: String) -> Result<Self> {
        Client::connect(&url, NoTls)?.batch_execute(SCHEMA)?;
        Ok(Self { url, key: random() })
    }

    pub(super) fn fill(&self, records: u64) -> Result<()> {
        let mut client = Client::connect(&self.url, NoTls)?;
        let create = client.prepare(CREATE)?;
        let all: Vec<u64> = (0..records).collect();
        for some in all.chunks(FILL) {
            let mut transaction = client.transaction()?;
            for who in some {
                insert(&mut transaction, &create, &self.key, *who)?;
            }
            transaction.commit()?;
        }
        Ok(client.batch_execute("vacuum analyze")?)
    }

    pub(super) fn hand(&self) -> Result<TheirHand> {
        let mut client = Client::connect(&self.url, NoTls)?;
        Ok(TheirHand {
            key: self.key,
            create: client.prepare(CREATE)?,
            read_by_key: client.prepare(READ_BY_KEY)?,
            read_by_purpose: client.prepare(READ_BY_PURPOSE)?,
            read_own: client.prepare(READ_OWN)?,
            read_metadata: client.prepare(READ_METADATA)?,
            update_data: client.prepare(UPDATE_DATA)?,
            update_metadata: client.prepare(UPDATE_METADATA)?,
            delete: client.prepare(DELETE)?,
            client,
        })
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRng.fill(&mut bytes);
    bytes
}

fn usr(who: u64) -> String {
    format!("u{who}")
}

/// What is held of a customer, as it is sealed.
fn data(who: u64, family: &str) -> Vec<u8> {
    let given = pick(&GIVEN, who);
    let email = format!("{given}.{who}@mail.example");
    json!({ "email": email, "firstName": given, "lastName": family, "plan": "member" })
        .to_string()
        .into_bytes()
}

fn insert(
    client: &mut impl GenericClient,
    create: &Statement,
    key: &[u8; 32],
    who: u64,
) -> Result<()> {
    let yes = |purpose: &&&str| match **purpose {
        "service_provision" => true,
        "cross_context_advertising" | "third_party_sharing" => false,
        _ => !who.is_multiple_of(3),
    };
    let (allowed, refused): (Vec<&str>, Vec<&str>) =
        ASKED.iter().copied().partition(|purpose| yes(&purpose));
    let (own, key_iv, iv) = (random::<32>(), random::<16>(), random::<16>());
    client.execute(
        create,
        &[
            &i64::try_from(who)?,
            &&key[..],
            &&own[..],
            &&key_iv[..],
            &usr(who),
            &data(who, pick(&FAMILY, who / 16)),
            &allowed,
            &refused,
            &&iv[..],
            &SERVICE,
        ],
    )?;
    Ok(())
}

impl Hand for TheirHand {
    fn carry_out(&mut self, operation: &Operation) -> Result<bool> {
        let (client, key) = (&mut self.client, &&self.key[..]);
        let rows = match *operation {
            Operation::Create(who) => {
                insert(client, &self.create, &self.key, who)?;
                return Ok(true);
            }
            Operation::ReadByKey(who) => client
                .query(&self.read_by_key, &[&usr(who), key, &"service_provision", &SERVICE])?,
            Operation::ReadByPurpose(after) => {
                let (after, page) = (i64::try_from(after)?, i64::try_from(PAGE)?);
                let asked = "personalisation";
                client.query(&self.read_by_purpose, &[&after, key, &asked, &SERVICE, &page])?
            }
            Operation::ReadOwn(who) => client.query(&self.read_own, &[&usr(who), key, &SERVICE])?,
            Operation::ReadMetadata(who) => {
                client.query(&self.read_metadata, &[&usr(who), &SERVICE])?
            }
            Operation::UpdateData(who) => {
                let (data, iv) = (data(who, "Married"), random::<16>());
                client.query(&self.update_data, &[&usr(who), key, &data, &&iv[..], &SERVICE])?
            }
            Operation::UpdateMetadata(who, purpose, allowed) => {
                client.query(&self.update_metadata, &[&usr(who), &purpose, &allowed, &SERVICE])?
            }
            Operation::Delete(who) => client.query(&self.delete, &[&usr(who), &SERVICE])?,
        };
        Ok(!black_box(rows).is_empty())
    }
}
