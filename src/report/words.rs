//! Numbers, kinds and states as analysts read them.

use crate::id::Fen;
use crate::ledger::{BreakKind, BreakState, ClosedAs, FundsEffect};
use crate::reconcile::Language;

/// `1,234,567.89`.
pub(super) fn money(amount: Fen) -> String {
    let text = amount.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (yuan, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{cents}", grouped(yuan))
}

/// `1,234,567`.
pub(super) fn number(count: i64) -> String {
    let sign = if count < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&count.unsigned_abs().to_string()))
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// 我方单边.
pub(super) fn kind(kind: BreakKind, language: Language) -> &'static str {
    let english = match kind {
        BreakKind::OneSidedOurs => "ours only",
        BreakKind::OneSidedTheirs => "theirs only",
        BreakKind::Amount => "amount",
        BreakKind::Status => "status",
        BreakKind::Element => "element",
        BreakKind::Duplicate => "duplicate",
        BreakKind::Fee => "fee",
        BreakKind::InTransit => "in transit",
    };
    language.pick(kind.title_zh(), english)
}

/// 长款.
pub(super) fn effect(effect: FundsEffect, language: Language) -> &'static str {
    let english = match effect {
        FundsEffect::Long => "long",
        FundsEffect::Short => "short",
        FundsEffect::None => "none",
    };
    language.pick(effect.title_zh(), english)
}

/// 未处理.
pub(super) fn state(state: BreakState, language: Language) -> &'static str {
    match state {
        BreakState::Open => language.pick("未处理", "open"),
        BreakState::Overdue => language.pick("逾期", "overdue"),
        BreakState::Disposed => language.pick("已处置", "disposed"),
        BreakState::Closed => language.pick("已消除", "closed"),
    }
}

/// 已由后来的文件匹配: what became of a break, as far as the ledger knows.
pub(super) fn ending(
    handled: BreakState,
    closed: Option<ClosedAs>,
    language: Language,
) -> &'static str {
    match closed.filter(|_| handled == BreakState::Closed) {
        None => state(handled, language),
        Some(ClosedAs::Matched) => language.pick("已由后来的文件匹配", "matched by a later file"),
        Some(ClosedAs::Carried) => language.pick("转入后来的对账", "goes on in a later matching"),
        Some(ClosedAs::Gone) => language.pick("数据已不在", "no row any more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_counts_are_grouped_by_three_digits() {
        for (fen, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (100_000, "1,000.00"),
            (-123_456_789, "-1,234,567.89"),
            (99_999, "999.99"),
        ] {
            assert_eq!(money(Fen(fen)), text);
        }
        assert_eq!(number(-24_000), "-24,000");
        assert_eq!(number(999), "999");
    }
}
