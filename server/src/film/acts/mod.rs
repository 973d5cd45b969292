//! What the roles do in the scenes, one file a side.

pub(super) mod gamera;
pub(super) mod legion;
pub(super) mod places;
pub(super) mod sdf;
