//! What a chart means: FHIR resources as JSON, which chart they belong to, how versions merge, how charts are
//! found and summarised. Knows neither keys nor network nor files.

pub mod cover;
pub mod element;
pub mod home;
pub mod json;
pub mod merge;
pub mod reader;
pub mod resource;
pub mod search;
pub mod summary;
pub mod versions;
