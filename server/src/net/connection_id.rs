//! Connection ids that lead with a token of the server process, so that a proxy can route without
//! looking inside: two bytes of token, eight of chance.

use std::time::Duration;

use quinn::{ConnectionId, ConnectionIdGenerator};
use ring::rand::{SecureRandom, SystemRandom};

const TOKEN: usize = 2;
const LEN: usize = 10;

/// Makes the connection ids of one identity.
#[derive(Clone)]
pub(super) struct OwnIds {
    token: [u8; TOKEN],
    random: SystemRandom,
}

impl OwnIds {
    /// The ids that follow from `secret`.
    pub(super) fn new(secret: &[u8; 32]) -> OwnIds {
        OwnIds { token: [secret[0], secret[1]], random: SystemRandom::new() }
    }
}

impl ConnectionIdGenerator for OwnIds {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut id = [0; LEN];
        id[..TOKEN].copy_from_slice(&self.token);
        // Without randomness there are no handshake keys either: no connection would use this id.
        let _ = self.random.fill(&mut id[TOKEN..]);
        ConnectionId::new(&id)
    }

    fn cid_len(&self) -> usize {
        LEN
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_with_the_token_of_their_identity_and_never_repeat() {
        let mut ids = OwnIds::new(&[7; 32]);
        let made: std::collections::HashSet<Vec<u8>> = (0..50).map(|_| ids.generate_cid().to_vec()).collect();
        assert_eq!(made.len(), 50);
        assert!(made.iter().all(|id| id.len() == LEN && id.starts_with(&[7, 7])));
    }
}
