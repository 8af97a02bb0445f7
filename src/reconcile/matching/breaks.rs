//! Breaks and items in transit as SQL: one row for each pair that differs and each row alone.

use super::plan::{Pass, Whose};
use super::sql::{alias, table};
use super::work::Matching;
use crate::dataset::SqlArgs;
use crate::ledger::BreakKind;
use crate::reconcile::Title;
use crate::reconcile::plan::Side;

impl Matching<'_> {
    /// Pairs whose compared columns differ.
    pub(super) fn pairs_sql(&self, args: &mut SqlArgs) -> String {
        let amount = "(COALESCE(t.amount, 0) - COALESCE(o.amount, 0))";
        let compared = self.by_pass("p", |pass| {
            self.columns.compared_json(pass, self.tx.dialect())
        });
        let en = self.by_pass("p", |pass| quoted(args, &pass.title.en));
        let zh = self.by_pass("p", |pass| args.push(pass.title.zh.as_str()));
        let kinds = BreakKind::ALL.iter();
        let kinds: String = kinds
            .map(|kind| format!(" WHEN '{kind}' THEN '{}'", kind.title_zh()))
            .collect();
        format!(
            "SELECT CASE p.kind WHEN 'amount' THEN 1 WHEN 'fee' THEN 2 WHEN 'status' THEN 3 ELSE 4 \
             END AS weight, p.kind AS kind, {effect} AS effect, 'differs' AS reason, {amount} AS \
             amount, 0 AS cnt, o.object AS object, {zh} || '：' || CASE p.kind{kinds} END AS \
             title, '{{\"title_en\":' || {en} || ',\"amount_known\":' || {known} || ',' || {place} \
             || ',\"ours\":{{' || {place} || '}},\"theirs\":{{' || {their_place} || \
             '}},\"compared\":' || {compared} || '}}' AS detail, CASE WHEN o.first_seen < \
             t.first_seen THEN o.first_seen ELSE t.first_seen END AS first_seen, {pass} AS pass, \
             o.key AS ours_key, o.amount AS ours_amount, o.lf AS ours_file, o.lr AS ours_record, \
             t.key AS theirs_key, t.amount AS theirs_amount, t.lf AS theirs_file, t.lr AS \
             theirs_record, o.n AS n FROM _match_pair AS p JOIN {our_table} AS o ON o.n = p.o JOIN \
             {their_table} AS t ON t.n = p.t WHERE p.kind IS NOT NULL",
            effect = self.effect(amount),
            known = known("o.amount IS NOT NULL AND t.amount IS NOT NULL"),
            place = self.place(Whose::Ours),
            their_place = self.place(Whose::Theirs),
            pass = self.by_pass("p", |pass| format!("'{}'", pass.name)),
            our_table = table(Whose::Ours),
            their_table = table(Whose::Theirs),
        )
    }

    /// Rows of one side that are breaks by themselves, or in transit.
    pub(super) fn single_sql(&self, whose: Whose, args: &mut SqlArgs) -> String {
        let w = alias(whose);
        let (sign, rows, weight) = match whose {
            Whose::Ours => ("-", -1, 6),
            Whose::Theirs => ("", 1, 5),
        };
        let amount = format!("({sign}COALESCE({w}.amount, 0))");
        let titles = SingleTitles::of(
            &self.plan.side(whose).title,
            &self.plan.side(whose.other()).title,
        );
        let repeated = self.by_pass(w, |pass| {
            args.push(format!("{}：{}", titles.repeated.zh, pass.title.zh))
        });
        let repeated_en = self.by_pass(w, |pass| {
            quoted(args, &format!("{}: {}", titles.repeated.en, pass.title.en))
        });
        let columns = |whose: Whose| match whose {
            Whose::Ours => "ours",
            Whose::Theirs => "theirs",
        };
        let (own, other) = (columns(whose), columns(whose.other()));
        let own_part = format!(
            "{w}.key AS {own}_key, {w}.amount AS {own}_amount, {w}.lf AS {own}_file, {w}.lr AS \
             {own}_record"
        );
        let none = format!(
            "CAST(NULL AS TEXT) AS {other}_key, CAST(NULL AS BIGINT) AS {other}_amount, \
             CAST(NULL AS BIGINT) AS {other}_file, CAST(NULL AS BIGINT) AS {other}_record"
        );
        let sides = match whose {
            Whose::Ours => format!("{own_part}, {none}"),
            Whose::Theirs => format!("{none}, {own_part}"),
        };
        format!(
            "SELECT CASE {w}.fate WHEN 'one_sided' THEN {weight} WHEN 'duplicate' THEN 7 ELSE 9 END \
             AS weight, CASE {w}.fate WHEN 'one_sided' THEN '{one_sided}' ELSE {w}.fate END AS kind, \
             CASE {w}.fate WHEN 'in_transit' THEN 'none' ELSE {effect} END AS effect, CASE {w}.fate \
             WHEN 'duplicate' THEN 'repeated' ELSE 'not_found' END AS reason, {amount} AS amount, \
             {rows} AS cnt, {w}.object AS object, CASE {w}.fate WHEN 'one_sided' THEN {one} WHEN \
             'in_transit' THEN {waiting} ELSE {repeated} END AS title, '{{\"title_en\":' || CASE \
             {w}.fate WHEN 'one_sided' THEN {one_en} WHEN 'in_transit' THEN {waiting_en} ELSE \
             {repeated_en} END || ',\"amount_known\":' || {known} || ',' || {place} || \
             ',\"{own}\":{{' || {place} || '}}}}' AS detail, {w}.first_seen AS first_seen, CASE \
             {w}.fate WHEN 'duplicate' THEN {pass} END AS pass, {sides}, {w}.n AS n FROM {table} AS \
             {w} WHERE {w}.fate IN ('one_sided', 'duplicate', 'in_transit')",
            one_sided = whose.one_sided(),
            effect = self.effect(&amount),
            one = args.push(titles.one_sided.zh.as_str()),
            one_en = quoted(args, &titles.one_sided.en),
            waiting = args.push(titles.waiting.zh.as_str()),
            waiting_en = quoted(args, &titles.waiting.en),
            known = known(&format!("{w}.amount IS NOT NULL")),
            place = self.place(whose),
            pass = self.by_pass(w, |pass| format!("'{}'", pass.name)),
            table = table(whose),
        )
    }

    /// `CASE` over the passes of what an alias says in `pass`.
    pub(super) fn by_pass(&self, alias: &str, mut text: impl FnMut(&Pass) -> String) -> String {
        let arms: String = self
            .plan
            .passes
            .iter()
            .enumerate()
            .map(|(number, pass)| format!(" WHEN {number} THEN {}", text(pass)))
            .collect();
        format!("CASE {alias}.pass{arms} END")
    }

    /// What a difference (theirs less ours) does to our funds.
    fn effect(&self, amount: &str) -> String {
        format!(
            "CASE WHEN {amount} > 0 THEN '{}' WHEN {amount} < 0 THEN '{}' ELSE 'none' END",
            self.plan.funds.effect(Side::More),
            self.plan.funds.effect(Side::Less)
        )
    }

    /// Where a row came from, as members of a JSON object.
    fn place(&self, whose: Whose) -> String {
        let w = alias(whose);
        format!(
            "'\"dataset\":\"{}\",\"file\":' || CAST({w}.lf AS TEXT) || ',\"record\":' || \
             CAST({w}.lr AS TEXT) || ',\"offset\":' || CAST({w}.lo AS TEXT) || ',\"length\":' || \
             CAST({w}.ll AS TEXT)",
            self.plan.side(whose).selection.dataset().name()
        )
    }
}

/// What single rows of a side are called.
struct SingleTitles {
    one_sided: Title,
    waiting: Title,
    repeated: Title,
}

impl SingleTitles {
    fn of(own: &Title, other: &Title) -> Self {
        let title = |zh: String, en: String| Title { zh, en };
        Self {
            one_sided: title(
                format!("{}有、{}没有", own.zh, other.zh),
                format!("in {}, not in {}", own.en, other.en),
            ),
            waiting: title(
                format!("{}有、{}未达", own.zh, other.zh),
                format!("in {}, not yet in {}", own.en, other.en),
            ),
            repeated: title(format!("{}重复", own.zh), format!("twice in {}", own.en)),
        }
    }
}

/// A text as an argument that is a JSON string.
fn quoted(args: &mut SqlArgs, text: &str) -> String {
    args.push(serde_json::Value::from(text).to_string())
}

fn known(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 'true' ELSE 'false' END")
}
