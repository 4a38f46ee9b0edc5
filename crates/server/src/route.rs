//! What a path asks for.

use wardbook_wire::{BlobId, OrgId};

/// One route; the order is that of the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Server,
    Create,
    Sync,
    Invite,
    Welcome,
    History,
    Seen,
    Objects,
    Statements,
    Events,
    Blobs,
    Other,
}

impl Route {
    pub const ALL: [Self; 12] = [
        Self::Server,
        Self::Create,
        Self::Sync,
        Self::Invite,
        Self::Welcome,
        Self::History,
        Self::Seen,
        Self::Objects,
        Self::Statements,
        Self::Events,
        Self::Blobs,
        Self::Other,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Create => "create",
            Self::Sync => "sync",
            Self::Invite => "invite",
            Self::Welcome => "welcome",
            Self::History => "history",
            Self::Seen => "seen",
            Self::Objects => "objects",
            Self::Statements => "statements",
            Self::Events => "events",
            Self::Blobs => "blobs",
            Self::Other => "other",
        }
    }
}

/// A route with what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Server,
    Org(OrgId, Route),
    Blob(OrgId, BlobId),
    Nowhere,
}

impl Address {
    pub fn of(method: &str, path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        if (method, path) == ("GET", "/v1/server") {
            return Self::Server;
        }
        Self::below_orgs(method, path).unwrap_or(Self::Nowhere)
    }

    fn below_orgs(method: &str, path: &str) -> Option<Self> {
        let (org, rest) = path.strip_prefix("/v1/orgs/")?.split_once('/')?;
        let org = OrgId::from_text(org)?;
        if let Some(blob) = rest.strip_prefix("blobs/") {
            return matches!(method, "HEAD" | "PATCH" | "GET").then_some(Self::Blob(org, BlobId::from_text(blob)?));
        }
        let route = match (method, rest) {
            ("POST", "create") => Route::Create,
            ("POST", "sync") => Route::Sync,
            ("POST", "invite") => Route::Invite,
            ("POST" | "GET", "welcome") => Route::Welcome,
            ("POST", "history") => Route::History,
            ("POST", "seen") => Route::Seen,
            ("POST", "objects") => Route::Objects,
            ("POST", "statements") => Route::Statements,
            ("GET", "events") => Route::Events,
            _ => return None,
        };
        Some(Self::Org(org, route))
    }

    pub fn route(&self) -> Route {
        match self {
            Self::Server => Route::Server,
            Self::Org(_, route) => *route,
            Self::Blob(..) => Route::Blobs,
            Self::Nowhere => Route::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardbook_wire::exchange;

    #[test]
    fn paths_of_the_exchange_are_found_and_others_are_nowhere() {
        let org = OrgId([0xa7; 32]);
        for route in Route::ALL {
            let method = if route == Route::Events { "GET" } else { "POST" };
            let found = Address::of(method, &exchange::path(org, route.name()));
            let named = !matches!(route, Route::Server | Route::Blobs | Route::Other);
            assert_eq!(found, if named { Address::Org(org, route) } else { Address::Nowhere }, "{route:?}");
        }
        let blob = format!("blobs/{}", BlobId([9; 32]));
        assert_eq!(Address::of("GET", &exchange::path(org, &blob)), Address::Blob(org, BlobId([9; 32])));
        assert_eq!(Address::of("POST", &exchange::path(org, &blob)), Address::Nowhere);
        assert_eq!(Address::of("GET", "/v1/server?x=1"), Address::Server);
        assert_eq!(Address::of("POST", &exchange::path(org, "sync").to_uppercase()), Address::Nowhere);
        assert_eq!(Address::of("POST", "/v1/orgs/é/sync"), Address::Nowhere);
    }
}
