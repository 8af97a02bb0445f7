//! One target for each thing that reads what strangers wrote.

mod configuration;
mod envelopes;
mod keyed;
mod names;
mod planted;
mod records;
mod texts;
mod workbooks;

pub use planted::PLANTED;
pub use workbooks::helped;

/// One thing that is fuzzed.
pub struct Target {
    /// Its name; that of its folder in `fixtures/fuzz` too.
    pub name: &'static str,
    /// Reads one input.
    pub run: fn(&[u8]),
    /// What it begins with, beside the kept corpus.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Its dictionary.
    pub words: Words,
}

/// Where a dictionary comes from.
pub enum Words {
    /// The seeds are text: their words.
    OfSeeds,
    /// Words do not help.
    None,
}

const fn of_words(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Target {
    Target {
        name,
        run,
        seeds,
        words: Words::OfSeeds,
    }
}

const fn of_bytes(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Target {
    Target {
        name,
        run,
        seeds,
        words: Words::None,
    }
}

/// All targets.
pub const ALL: &[Target] = &[
    of_words("csv", records::csv, records::csv_seeds),
    of_words("fixed", records::fixed, records::fixed_seeds),
    of_words("json", records::json, records::json_seeds),
    of_words("xml", records::xml, records::xml_seeds),
    of_words("route", records::route, records::route_seeds),
    of_bytes("excel", workbooks::package, workbooks::package_seeds),
    of_words("excel_parts", workbooks::parts, workbooks::part_seeds),
    of_bytes("excel_old", workbooks::old, workbooks::old_seeds),
    of_bytes("lz77", envelopes::lz77, envelopes::lz77_seeds),
    of_bytes("gzip", envelopes::gzip, envelopes::gzip_seeds),
    of_bytes("zip", envelopes::zip, envelopes::zip_seeds),
    of_bytes("sm4_cbc", keyed::sm4_cbc, keyed::sm4_cbc_seeds),
    of_bytes("hmac", keyed::hmac, keyed::hmac_seeds),
    of_bytes(
        "sm2_signature",
        keyed::sm2_signature,
        keyed::sm2_signature_seeds,
    ),
    of_bytes("sm2", keyed::sm2, keyed::sm2_seeds),
    of_bytes("psbc_sop", keyed::psbc_sop, keyed::psbc_sop_seeds),
    of_words("companion", names::companion, names::companion_seeds),
    of_words("remote_name", names::remote_name, names::remote_name_seeds),
    of_words(
        "mapping",
        configuration::mapping,
        configuration::mapping_seeds,
    ),
    of_words("job", configuration::job, configuration::job_seeds),
    of_words(
        "dataset",
        configuration::dataset,
        configuration::dataset_seeds,
    ),
    of_words(
        "settings",
        configuration::settings,
        configuration::settings_seeds,
    ),
    of_words("tables", configuration::tables, configuration::table_seeds),
    of_bytes("text", texts::text, texts::text_seeds),
    of_words("values", texts::values, texts::value_seeds),
];
