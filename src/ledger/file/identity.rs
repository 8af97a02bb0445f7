//! Who a file is, and whether it was here before.

use crate::db::Transaction;
use crate::id::FileNo;
use crate::ledger::sql;
use crate::ledger::{FileRow, LedgerError};
use crate::value::Value;

/// What a file is in the light of those accepted before.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// The first with its identity that may be accepted.
    New,
    /// An operator allowed it to take the place of this accepted file.
    Superseding(Box<FileRow>),
    /// The same identity and the same content as this accepted file.
    Duplicate(Box<FileRow>),
    /// The same identity as this accepted file, and other content.
    Altered(Box<FileRow>),
}

/// Joins identity fields into the text that identifies a file: `provider=0020;message_id=17`, in
/// the mapping's order. `%`, `;` and `=` in names and values are written `%25`, `%3B`, `%3D`, so
/// that different fields never give the same text.
pub fn identity_text<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let escape = |text: &str| {
        text.replace('%', "%25")
            .replace(';', "%3B")
            .replace('=', "%3D")
    };
    let parts: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    parts.join(";")
}

/// The accepted file with an identity, if there is one.
pub async fn find_accepted(
    tx: &mut Transaction,
    partner: &str,
    interface: &str,
    identity: &str,
) -> Result<Option<FileRow>, LedgerError> {
    let tail = "WHERE partner = $1 AND interface = $2 AND identity = $3 AND state = 'loaded'";
    let args = [partner.into(), interface.into(), identity.into()];
    sql::first(tx, tail, &args).await
}

/// Judges a landed and described file against the accepted one with its identity.
///
/// Where transactions run side by side, another one may accept one between this and the commit; then
/// [`decide_loaded`](super::decide_loaded) fails with [`LedgerError::IdentityTaken`] and the file
/// is judged again in a new transaction.
pub async fn judge(tx: &mut Transaction, file: FileNo) -> Result<Judgement, LedgerError> {
    let row: FileRow = sql::first(tx, "WHERE file_no = $1", &[Value::Int(file.0)])
        .await?
        .ok_or_else(|| LedgerError::not_found("file", file))?;
    let (Some(interface), Some(identity)) = (&row.interface, &row.identity) else {
        return Err(LedgerError::IdentityMissing { file });
    };
    let accepted = find_accepted(tx, &row.partner, interface, identity).await?;
    Ok(match accepted {
        None => Judgement::New,
        Some(old) if row.supersedes == Some(old.file_no) => Judgement::Superseding(Box::new(old)),
        Some(old) if old.content_digest == row.content_digest && row.content_digest.is_some() => {
            Judgement::Duplicate(Box::new(old))
        }
        Some(old) => Judgement::Altered(Box::new(old)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_identity_fields_never_give_the_same_text() {
        assert_eq!(
            identity_text([("provider", "0020"), ("message_id", "17")]),
            "provider=0020;message_id=17"
        );
        assert_eq!(identity_text([("a", "1;b=2")]), "a=1%3Bb%3D2");
        assert_eq!(identity_text([("a", "1%3Bb")]), "a=1%253Bb");
    }
}
