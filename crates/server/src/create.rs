//! `POST /create`: puts an organisation on this server, with its directory, slots and keyrings.

use crate::Limits;
use crate::accept::{Taking, read_statement};
use crate::blobs::BlobStore;
use crate::call::Answer;
use crate::counters::Counters;
use crate::key::ServerKey;
use crate::org::{Org, generation};
use crate::orgs::Orgs;
use crate::problem::Problem;
use crate::pull::{Ask, Streams, pull};
use crate::registration::Registration;
use crate::schema::{self, DATABASE};
use crate::turn::{check_objects, unreadable};
use rusqlite::{Transaction, TransactionBehavior};
use std::path::Path;
use wardbook_wire::directory::Directory;
use wardbook_wire::exchange::problem::{EXISTS, MALFORMED, REGISTRATION};
use wardbook_wire::exchange::{CallerStanding, CreateRequest, Object, Outcome, REQUEST_BYTES_MAX, Refusal, SyncAnswer};
use wardbook_wire::log::{LogPoint, Range};
use wardbook_wire::request::Challenge;
use wardbook_wire::statement::Server;
use wardbook_wire::{OrgId, StatementId, strict};

/// What creating needs of the service.
pub(crate) struct Creation<'a> {
    pub orgs: &'a Orgs,
    pub key: &'a ServerKey,
    pub limits: &'a Limits,
    pub registration: &'a Registration,
    pub counters: &'a Counters,
    pub now_ms: i64,
}

impl Creation<'_> {
    /// The answer, and the size of the log where it has grown.
    pub fn create(&self, org: OrgId, body: &[u8]) -> Result<(Answer, Option<u64>), Problem> {
        let request: CreateRequest = strict::decode(body, REQUEST_BYTES_MAX).map_err(unreadable)?;
        check_objects(request.objects.len(), self.limits)?;
        // REQ-05: nothing of an unsigned request is stored without the code.
        if !self.registration.admits(&request.code) {
            return Err(Problem::new(REGISTRATION, "ask whoever runs the server for the registration code"));
        }
        let objects = &request.objects;
        let chain = chain(objects);
        if chain.first().map(|genesis| OrgId::from(*genesis)) != Some(org) {
            return Err(malformed("the first statement is not the genesis of this organisation"));
        }
        if !self.orgs.exists(org) && self.orgs.count()? >= self.limits.orgs_max {
            return Err(Problem::new(REGISTRATION, "this server takes no more organisations"));
        }
        let made = self.orgs.create(org, |folder| self.fill(folder, objects))?;
        self.orgs.with(org, |open| match made {
            Some(outcomes) => {
                self.counters.outcomes(&outcomes);
                Ok((self.answer(open, outcomes)?, Some(open.range.size())))
            }
            None => self.again(open, &chain, objects),
        })
    }

    /// Writes the log of an organisation that is new here.
    fn fill(&self, folder: &Path, objects: &[Object]) -> Result<Vec<Outcome>, Problem> {
        let Some(Object::Statement(genesis)) = objects.first() else {
            return Err(malformed("the first object is not a statement"));
        };
        let directory = Directory::start(&genesis.0).map_err(|error| malformed(&error.to_string()))?;
        let db = schema::create(&folder.join(DATABASE))?;
        let blobs = BlobStore::open(folder)?;
        let tx = Transaction::new_unchecked(&db, TransactionBehavior::Immediate)?;
        let mut taking = Taking::begin(&tx, &blobs, &directory, &genesis.0, self.now_ms)?;
        let mut decided = without_entries(objects);
        taking.statements(objects, &mut decided)?;
        let logged = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Logged { .. }));
        let statements = objects.iter().zip(&decided).filter(|(object, _)| matches!(object, Object::Statement(_)));
        if let Some(at) = statements.map(|(_, outcome)| outcome).position(|outcome| !logged(outcome)) {
            return Err(malformed(&format!("statement {at} does not follow from those before it (SRV-07)")));
        }
        self.check_server(taking.directory().server())?;
        let outcomes = taking.others(objects, decided)?;
        drop(taking);
        tx.commit()?;
        Ok(outcomes)
    }

    /// The chain names this server, for a log that begins with nothing.
    fn check_server(&self, server: Option<&Server>) -> Result<(), Problem> {
        let Some(server) = server.filter(|server| server.key == self.key.verify_key()) else {
            return Err(malformed("the statements do not name this server's key"));
        };
        let nothing: LogPoint = Range::default().point();
        if server.base.is_some_and(|base| base != nothing) {
            return Err(malformed("the log goes on from leaves that this server does not have"));
        }
        Ok(())
    }

    /// The same once more, because the answer was lost, or with statements that were added meanwhile.
    fn again(
        &self,
        org: &mut Org,
        chain: &[StatementId],
        objects: &[Object],
    ) -> Result<(Answer, Option<u64>), Problem> {
        if !chain.starts_with(org.directory.chain()) {
            return Err(Problem::new(EXISTS, "join the organisation with an invite, or sync as one of its members"));
        }
        let before = org.range.size();
        let tx = org.begin()?;
        let mut taking = Taking::new(&tx, org, self.now_ms, None);
        let mut decided = without_entries(objects);
        taking.statements(objects, &mut decided)?;
        let outcomes = taking.others(objects, decided)?;
        let taken = taking.finish();
        tx.commit()?;
        self.counters.outcomes(&outcomes);
        org.adopt(taken);
        let grown = (org.range.size() > before).then(|| org.range.size());
        Ok((self.answer(org, outcomes)?, grown))
    }

    /// As a sync from nothing. The request is unsigned, so it gives statements and no slot or keyring: whoever handed
    /// those in has them.
    fn answer(&self, org: &Org, outcomes: Vec<Outcome>) -> Result<Answer, Problem> {
        let (id, point) = (org.directory.org(), org.range.point());
        let ask = Ask { streams: Streams::of_org(id), sealed: false, without: None };
        let pulled = pull(&org.db, 0, point.size, &ask)?;
        Ok(Answer::cbor(strict::encode(&SyncAnswer {
            standing: CallerStanding::Enrolled,
            outcomes,
            items: pulled.items,
            rest: pulled.rest,
            checkpoint: self.key.checkpoint(id, generation(&org.directory), point),
            lease: None,
            // Challenges are for a caller, and nobody has signed this: the first signed request fetches one.
            challenge: Challenge([0; 24]),
            now_ms: self.now_ms,
        })))
    }
}

/// Ids of the statements, in order; those that cannot be read are left out here and refused later.
fn chain(objects: &[Object]) -> Vec<StatementId> {
    let statements = objects.iter().filter(|object| matches!(object, Object::Statement(_)));
    statements.filter_map(|statement| read_statement(statement.bytes()).ok()).map(|(id, _)| id).collect()
}

/// Charts follow by sync, signed.
fn without_entries(objects: &[Object]) -> Vec<Option<Outcome>> {
    let refused = |object: &Object| matches!(object, Object::Entry(_)).then_some(Outcome::Refused(Refusal::NotAllowed));
    objects.iter().map(refused).collect() // SRV-10
}

fn malformed(detail: &str) -> Problem {
    Problem::new(MALFORMED, detail)
}
