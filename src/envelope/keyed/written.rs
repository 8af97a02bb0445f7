//! Keyed envelopes as the books keep them with a delivery: all that is needed to seal it again,
//! and nothing of a key: `sm4_cbc(key=bank_file iv=prefixed armour=binary)`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{
    Armour, BlockCipher, CbcPlan, Iv, Keyed, Proof, ProofPlace, ProofPlan, PsbcSopPlan,
    SignatureForm, Sm2Order, Sm2Plan, SopBody,
};
use crate::envelope::Envelope;
use crate::id::KeyName;
use crate::key::MacAlgorithm;
use crate::text::{from_hex, to_hex};

/// As it is kept.
pub(in crate::envelope) fn written(keyed: &Keyed<'_>) -> String {
    let (word, values): (_, Vec<(&str, String)>) = match keyed {
        Keyed::Cbc(plan) => (
            plan.cipher.word(),
            vec![
                ("key", plan.key.to_string()),
                ("iv", iv(plan.iv)),
                ("armour", plan.armour.word().to_owned()),
            ],
        ),
        Keyed::Proof(plan) => (plan.proof.word(), proof(plan)),
        Keyed::Sm2(plan) => ("sm2", sm2(plan)),
        Keyed::PsbcSop(plan) => ("psbc_sop", psbc_sop(plan)),
    };
    let values: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{word}({})", values.join(" "))
}

fn iv(iv: Iv) -> String {
    match iv {
        Iv::Zero => "zero".to_owned(),
        Iv::Prefixed => "prefixed".to_owned(),
        Iv::Fixed(bytes) => to_hex(&bytes),
    }
}

fn proof(plan: &ProofPlan) -> Vec<(&'static str, String)> {
    let mut values = vec![
        ("key", plan.proof.key().to_string()),
        ("place", plan.place.word().to_owned()),
        ("armour", plan.armour.word().to_owned()),
    ];
    match &plan.proof {
        Proof::Hmac { algorithm, .. } => values.push((
            "algorithm",
            match algorithm {
                MacAlgorithm::Sha256 => "sha256",
                MacAlgorithm::Sm3 => "sm3",
            }
            .to_owned(),
        )),
        Proof::Sm2 { user_id, form, .. } => {
            values.push(("form", form.word().to_owned()));
            values.push(("user_id", to_hex(user_id.as_bytes())));
        }
    }
    values
}

fn sm2(plan: &Sm2Plan) -> Vec<(&'static str, String)> {
    let mut values = vec![
        ("key", plan.key.to_string()),
        ("order", plan.order.word().to_owned()),
        ("prefix", plan.has_prefix.to_string()),
        ("armour", plan.armour.word().to_owned()),
        ("max", plan.max_content_bytes.to_string()),
    ];
    values.extend(
        plan.one_time_key
            .iter()
            .map(|key| ("once", key.to_string())),
    );
    values
}

fn psbc_sop(plan: &PsbcSopPlan) -> Vec<(&'static str, String)> {
    let mut values = vec![
        ("own", plan.own_key.to_string()),
        ("partner", plan.partner_key.to_string()),
        ("merchant", to_hex(plan.merchant_id.as_bytes())),
        ("iv", to_hex(&plan.iv)),
        ("body", plan.body.word().to_owned()),
        ("broken", plan.is_broken.to_string()),
        ("max", plan.max_content_bytes.to_string()),
    ];
    values.extend(
        plan.access_token
            .iter()
            .map(|key| ("token", key.to_string())),
    );
    values
}

struct Values<'v>(BTreeMap<&'v str, &'v str>);

impl Values<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).copied()
    }

    fn key(&self, name: &str) -> Option<KeyName> {
        KeyName::new(self.text(name)?).ok()
    }

    fn hex_text(&self, name: &str) -> Option<String> {
        String::from_utf8(from_hex(self.text(name)?)?).ok()
    }

    fn armour(&self) -> Option<Armour> {
        Some(Armour::of_word(self.text("armour")?))
    }

    fn is(&self, name: &str) -> Option<bool> {
        self.text(name)?.parse().ok()
    }

    fn max(&self) -> Option<u64> {
        self.text("max")?.parse().ok()
    }
}

/// A keyed envelope as it was kept; `None` for any other text.
pub(in crate::envelope) fn read(text: &str, spool: &Path) -> Option<Envelope> {
    let (word, inside) = text.strip_suffix(')')?.split_once('(')?;
    let values: Option<BTreeMap<&str, &str>> = inside
        .split_ascii_whitespace()
        .map(|value| value.split_once('='))
        .collect();
    let values = Values(values?);
    match word {
        "sm4_cbc" => cbc(BlockCipher::Sm4, &values, spool),
        "aes_cbc" => cbc(BlockCipher::Aes, &values, spool),
        "hmac" => {
            let algorithm = match values.text("algorithm")? {
                "sm3" => MacAlgorithm::Sm3,
                _ => MacAlgorithm::Sha256,
            };
            let key = values.key("key")?;
            proof_of(Proof::Hmac { key, algorithm }, &values, spool)
        }
        "sm2_signature" => {
            let proof = Proof::Sm2 {
                key: values.key("key")?,
                user_id: values.hex_text("user_id")?,
                form: SignatureForm::of_word(values.text("form")?),
            };
            proof_of(proof, &values, spool)
        }
        "sm2" => sm2_of(&values),
        "psbc_sop" => psbc_sop_of(&values),
        _ => None,
    }
}

fn cbc(cipher: BlockCipher, values: &Values<'_>, spool: &Path) -> Option<Envelope> {
    let iv = match values.text("iv")? {
        "zero" => Iv::Zero,
        "prefixed" => Iv::Prefixed,
        hex => Iv::Fixed(from_hex(hex)?.try_into().ok()?),
    };
    Some(Envelope::Cbc(CbcPlan {
        cipher,
        key: values.key("key")?,
        iv,
        armour: values.armour()?,
        max_content_bytes: u64::MAX,
        spool: Some(spool.to_owned()),
    }))
}

fn proof_of(proof: Proof, values: &Values<'_>, spool: &Path) -> Option<Envelope> {
    Some(Envelope::Proof(ProofPlan {
        proof,
        place: ProofPlace::of_word(values.text("place")?),
        armour: values.armour()?,
        max_content_bytes: u64::MAX,
        spool: Some(spool.to_owned()),
    }))
}

fn sm2_of(values: &Values<'_>) -> Option<Envelope> {
    Some(Envelope::Sm2(Sm2Plan {
        key: values.key("key")?,
        one_time_key: values.key("once"),
        order: Sm2Order::of_word(values.text("order")?),
        has_prefix: values.is("prefix")?,
        armour: values.armour()?,
        max_content_bytes: values.max()?,
    }))
}

fn psbc_sop_of(values: &Values<'_>) -> Option<Envelope> {
    Some(Envelope::PsbcSop(PsbcSopPlan {
        own_key: values.key("own")?,
        partner_key: values.key("partner")?,
        merchant_id: values.hex_text("merchant")?,
        iv: from_hex(values.text("iv")?)?.try_into().ok()?,
        body: SopBody::of_word(values.text("body")?),
        access_token: values.key("token"),
        is_broken: values.is("broken")?,
        max_content_bytes: values.max()?,
    }))
}
