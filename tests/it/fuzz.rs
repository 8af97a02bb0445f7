//! `ops/fuzz` leaves nothing out: what it fuzzes, compared with what the program reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dukou::envelope::{
    Armour, BlockCipher, CbcPlan, Envelope, GzipPlan, Iv, Lz77Plan, Proof, ProofPlace, ProofPlan,
    PsbcSopPlan, SignatureForm, Sm2Order, Sm2Plan, SopBody, ZipPlan,
};
use dukou::format::KINDS;
use dukou::id::KeyName;
use dukou::key::MacAlgorithm;

/// What else reads bytes of strangers, by the names of their targets.
const OTHERS: &[&str] = &[
    "companion",
    "dataset",
    "excel_old",
    "excel_parts",
    "job",
    "mapping",
    "remote_name",
    "route",
    "settings",
    "tables",
    "text",
    "values",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The targets, as their table says.
fn targets() -> BTreeSet<String> {
    let table = fs::read_to_string(root().join("tests/fuzz/src/targets/mod.rs"));
    let table = table.expect("the table of targets");
    let rows = table.split("pub const ALL").nth(1).expect("all targets");
    let names = rows.split('"').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// One of each keyed kind; AES is read by the same code as SM4.
fn keyed() -> Vec<Envelope> {
    let key = || KeyName::new("k").expect("a name");
    let proof = |proof| {
        Envelope::Proof(ProofPlan {
            proof,
            place: ProofPlace::Trailer,
            armour: Armour::Binary,
            max_content_bytes: 1,
            spool: None,
        })
    };
    vec![
        Envelope::Cbc(CbcPlan {
            cipher: BlockCipher::Sm4,
            key: key(),
            iv: Iv::Zero,
            armour: Armour::Binary,
            max_content_bytes: 1,
            spool: None,
        }),
        proof(Proof::Hmac {
            key: key(),
            algorithm: MacAlgorithm::Sm3,
        }),
        proof(Proof::Sm2 {
            key: key(),
            user_id: String::new(),
            form: SignatureForm::Raw,
        }),
        Envelope::Sm2(Sm2Plan {
            key: key(),
            one_time_key: None,
            order: Sm2Order::C1C3C2,
            has_prefix: true,
            armour: Armour::Binary,
            max_content_bytes: 1,
        }),
        Envelope::PsbcSop(PsbcSopPlan {
            own_key: key(),
            partner_key: key(),
            merchant_id: String::new(),
            iv: [0; 16],
            body: SopBody::Request,
            access_token: None,
            is_broken: false,
            max_content_bytes: 1,
        }),
    ]
}

#[test]
fn everything_that_reads_strangers_bytes_has_a_fuzz_target() {
    let envelopes = [
        Envelope::Lz77(Lz77Plan::default()),
        Envelope::Gzip(GzipPlan::default()),
        Envelope::Zip(ZipPlan::default()),
    ];
    let envelopes = envelopes.into_iter().chain(keyed());
    // A new envelope does not compile here until it stands in the list above.
    let words = envelopes.map(|envelope| match envelope {
        Envelope::Lz77(_) | Envelope::Gzip(_) | Envelope::Zip(_) => envelope.word(),
        Envelope::Cbc(_) | Envelope::Proof(_) | Envelope::Sm2(_) | Envelope::PsbcSop(_) => {
            envelope.word()
        }
    });
    let wanted = words.chain(KINDS.iter().copied());
    let wanted = wanted.chain(OTHERS.iter().copied()).map(str::to_owned);
    assert_eq!(targets(), wanted.collect());
}

#[test]
fn every_fuzz_target_has_a_kept_corpus_of_small_inputs() {
    let folder = root().join("fixtures/fuzz");
    let mut kept = BTreeSet::new();
    for entry in fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().expect("a name").to_string_lossy();
        let mut inputs = 0;
        for input in fs::read_dir(&path).expect("a target's inputs") {
            let bytes = input.expect("an input").metadata().expect("its size").len();
            assert!(bytes <= 64 << 10, "{name}: an input of {bytes} bytes");
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no input");
        kept.insert(name.into_owned());
    }
    assert_eq!(kept, targets());
}
