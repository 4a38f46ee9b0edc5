//! What a chart means: FHIR resources as JSON, which chart they belong to, how versions merge, how charts are
//! found and summarised. Knows neither keys nor network nor files.

pub mod json;
