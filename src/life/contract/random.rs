//! Random lives, judged by the database and in memory: the findings are equal.

use super::world::{World, insert_event};

/// Numbers that look random: the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        // Marsaglia's xorshift64.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

const STEPS: [&str; 8] = [
    "registered",
    "declared",
    "refunded",
    "deregistered",
    "driven",
    "asked",
    "answered",
    "withdrawn",
];

pub(crate) async fn random_lives_are_judged_as_in_memory(world: &World) {
    let mut numbers = Numbers(0x5EED_2026);
    let mut tx = world.db.begin().await.expect("a transaction");
    let mut id = 0;
    for car in 0..60 {
        for _ in 0..numbers.below(9) {
            id += 1;
            let step = *STEPS.get(numbers.below(8) as usize).expect("a step");
            let item = numbers.below(3);
            let what = match (step, item) {
                ("asked" | "answered" | "withdrawn", 1..) => format!("{step}#{item}"),
                _ => step.to_owned(),
            };
            let (day, hour) = (1 + numbers.below(4), numbers.below(3));
            let at = match (numbers.below(12), step) {
                (0, _) => "-".to_owned(),
                (_, "registered") => format!("2026-03-{day:02}"),
                _ => format!("2026-03-{day:02} {:02}:00", hour * 8),
            };
            insert_event(&mut tx, &format!("c{car}"), id, &what, &at).await;
        }
    }
    tx.commit().await.expect("it is kept");
    let recorded = world.judge("2026-03-31").await;
    let mut findings = 0;
    for car in 0..60 {
        let car = format!("c{car}");
        let in_memory = world.judged(&car).await;
        assert_eq!(world.found(recorded.recon, &car).await, in_memory, "{car}");
        findings += in_memory.len();
    }
    assert!(findings > 100, "only {findings} findings");
    assert_eq!(recorded.outcome.breaks(), findings as i64);
}
