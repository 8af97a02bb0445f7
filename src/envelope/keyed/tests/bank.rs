//! The bank's real-time envelope (bank.md §1): its texts, and the mistakes that others make.

use serde_json::{Value as Json, json};

use super::super::proof;
use super::*;
use crate::text::{from_hex, to_hex};

const CALL: &[u8] = br#"{"head":{"method":"onlinepay.query"},"body":{"data":"{}"}}"#;

/// What the bank sends, as JSON.
fn sent(is_broken: bool) -> Json {
    let bank = sop("theirs", "ours_public", SopBody::Request, is_broken);
    let sealed = seal(&bank, CALL, &keys()).expect("sealed");
    serde_json::from_slice(&sealed).expect("JSON")
}

fn ours() -> Envelope {
    sop("ours", "theirs_public", SopBody::Request, false)
}

fn opened(outer: &Json) -> Result<Vec<u8>, (&'static str, String)> {
    open(&ours(), outer.to_string().as_bytes(), &keys())
}

fn text<'t>(outer: &'t Json, member: &str) -> &'t str {
    outer[member].as_str().expect("a text")
}

/// Signs altered texts anew, as a sender does that means it.
fn signed_again(outer: &mut Json) {
    let keys = keys();
    let held = keys.current(&name("theirs")).expect("a key");
    let mut signed = held.sm2_signed("6100000001").expect("private");
    for member in ["request", "encryptKey", "accessToken"] {
        signed.update(outer[member].as_str().unwrap_or_default().as_bytes());
    }
    let signature = signed.sign().expect("private");
    outer["signature"] = json!(proof::rs_encoded(&signature));
}

#[test]
fn the_texts_are_those_of_the_bank() {
    let outer = sent(false);
    let members: Vec<&String> = outer.as_object().expect("an object").keys().collect();
    assert_eq!(
        members,
        ["accessToken", "encryptKey", "request", "signature"]
    );
    let key = text(&outer, "encryptKey");
    assert_eq!((key.len(), key.get(..2)), (226, Some("04")));
    assert_eq!(key, key.to_uppercase());
    let signature = text(&outer, "signature");
    assert_eq!((signature.len(), signature.find('#')), (129, Some(64)));
    assert_eq!(text(&outer, "accessToken"), "abc-123");
    let broken = sent(true);
    let lines: Vec<usize> = text(&broken, "request").split('\n').map(str::len).collect();
    assert_eq!(lines, [76, 12]);
}

#[test]
fn the_signature_covers_the_line_ends_of_the_base64() {
    let outer = sent(true);
    assert_eq!(opened(&outer), Ok(CALL.to_vec()));
    let mut joined = outer.clone();
    joined["request"] = json!(text(&outer, "request").replace('\n', ""));
    assert_eq!(
        opened(&joined).expect_err("unproven").0,
        "envelope-unproven"
    );
}

#[test]
fn a_token_that_is_null_or_absent_is_the_empty_one() {
    let mut outer = sent(false);
    outer["accessToken"] = json!("");
    signed_again(&mut outer);
    assert_eq!(opened(&outer), Ok(CALL.to_vec()));
    outer["accessToken"] = Json::Null;
    assert_eq!(opened(&outer), Ok(CALL.to_vec()));
    outer
        .as_object_mut()
        .expect("an object")
        .remove("accessToken");
    assert_eq!(opened(&outer), Ok(CALL.to_vec()));
}

#[test]
fn leading_zeros_of_r_and_s_may_be_missing() {
    let padded = "00".to_owned() + &"1".repeat(62) + "#" + &"2".repeat(64);
    let short = "1".repeat(62) + "#" + &"2".repeat(64);
    let signature = proof::rs_decoded(&short).expect("62 digits");
    assert_eq!(proof::rs_decoded(&padded), Some(signature));
    assert_eq!(proof::rs_encoded(&signature), padded);
    for bad in ["", "#", "1#", "12", "1#2#3", "g#1", "A#b"] {
        assert_eq!(proof::rs_decoded(bad), None, "{bad}");
    }
}

#[test]
fn every_mistake_has_its_sentence() {
    let good = sent(false);
    let altered = |member: &str, value: Json| {
        let mut outer = good.clone();
        outer[member] = value;
        outer
    };
    let said = |outer: &Json, code: &'static str, what: &str| {
        let sentence = format!("the psbc_sop envelope cannot be opened: {what}");
        assert_eq!(opened(outer), Err((code, sentence)));
    };
    said(
        &altered("extra", json!(1)),
        "envelope-damaged",
        "line 1, column 274 is not the bank's JSON",
    );
    said(
        &altered("response", json!("AAAA")),
        "envelope-damaged",
        "it has no `request` alone",
    );
    said(
        &altered("signature", json!("ab")),
        "envelope-damaged",
        "its signature is not `hex(r)#hex(s)`",
    );
    said(
        &altered("accessToken", json!("another")),
        "envelope-unproven",
        "its signature does not fit key `theirs_public` and merchant `6100000001`: another key, \
         another merchant, or altered bytes",
    );
}

#[test]
fn what_was_signed_but_does_not_open_is_refused_too() {
    let refused = |member: &str, value: String| {
        let mut outer = sent(false);
        outer[member] = json!(value);
        signed_again(&mut outer);
        opened(&outer).expect_err("refused")
    };
    let good = sent(false);
    let mut key = from_hex(text(&good, "encryptKey")).expect("hex");
    *key.last_mut().expect("bytes") ^= 1;
    assert_eq!(
        refused("encryptKey", to_hex(&key)).0,
        "envelope-undecryptable"
    );
    assert_eq!(refused("encryptKey", "04".to_owned()).0, "envelope-damaged");
    assert_eq!(
        refused("encryptKey", "xyz".to_owned()).0,
        "envelope-damaged"
    );
    assert_eq!(
        refused("request", String::new()).0,
        "envelope-undecryptable"
    );
    assert_eq!(
        refused("request", "AAAA".to_owned()).0,
        "envelope-undecryptable"
    );
    assert_eq!(refused("request", "?".to_owned()).0, "envelope-damaged");
    // A session key for SM4 has 16 bytes.
    let keys = keys();
    let once = keys.current(&name("theirs")).expect("a key");
    let once = once.once("test", &[0; 32]).expect("secret");
    let ours = keys.current(&name("ours_public")).expect("a key");
    let long = ours.sm2_encrypt(&[1; 32], &once).expect("content");
    let long = super::super::sm2::joined(&long, Sm2Order::C1C2C3, true);
    assert_eq!(
        refused("encryptKey", to_hex(&long)),
        (
            "envelope-damaged",
            "the psbc_sop envelope cannot be opened: its session key has not 16 characters"
                .to_owned()
        )
    );
}
