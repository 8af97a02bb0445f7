//! `[life]` jobs: all lives judged, and what is out of order kept as a new version.

use serde_json::json;

use super::{Engine, EngineError, RunReport, RunRequest};
use crate::job::Job;
use crate::ledger::{self, BreakFilter, BreakKind, BreakRow, ReconNo};
use crate::life::{self, LifePlan};
use crate::settings::Language;

/// The most breaks of a run that are told each.
const SHOWN: u32 = 20;

impl Engine {
    /// Judges all lives as they were at the end of the day and keeps the result.
    pub(super) async fn judge_lives(
        &self,
        job: &Job,
        plan: &LifePlan,
        request: &RunRequest,
        report: &mut RunReport,
    ) -> Result<(), EngineError> {
        let day = request.business_date;
        let context = life::Context {
            now: self.clock.now(),
            given: &self.given,
        };
        let mut tx = self.db.begin().await?;
        let named = (job.name.as_str(), day);
        // On the heap: every caller's future would hold the whole of it.
        let recorded = Box::pin(life::run(&mut tx, plan, named, context)).await?;
        tx.commit().await?;
        let outcome = &recorded.outcome;
        let is_chinese = self.configuration.settings.language == Language::Chinese;
        report.has_breaks = outcome.breaks() > 0;
        report.notes.push(match is_chinese {
            true => format!("{day} 生命周期第 {} 版", recorded.version),
            false => format!("{day} lives, version {}", recorded.version),
        });
        let said = outcome.sentences(plan).into_iter();
        report
            .notes
            .extend(said.map(|(zh, en)| if is_chinese { zh } else { en }));
        report.notes.extend(
            self.places_of(recorded.recon, outcome.breaks(), is_chinese)
                .await?,
        );
        report.lives = Some(json!({
            "recon_no": recorded.recon.0,
            "version": recorded.version,
            "figures": outcome.summary(plan),
        }));
        Ok(())
    }

    /// The first breaks with their records: subjects are persons' and are told by `dukou trace`.
    async fn places_of(
        &self,
        recon: ReconNo,
        breaks: i64,
        is_chinese: bool,
    ) -> Result<Vec<String>, EngineError> {
        let filter = BreakFilter {
            recon: Some(recon),
            limit: SHOWN,
            ..BreakFilter::default()
        };
        let found = ledger::list_breaks(&self.db, &filter).await?;
        let place = |row: &BreakRow| {
            let file = row.ours_file.map_or(0, |file| file.0);
            let record = row.ours_record.unwrap_or_default();
            match is_chinese {
                true => format!("文件 {file} 第 {record} 条：{}", row.title),
                false => {
                    let title = row.detail.get("title_en").and_then(|title| title.as_str());
                    format!("file {file} record {record}: {}", title.unwrap_or_default())
                }
            }
        };
        let mut places: Vec<String> = found
            .iter()
            .filter(|row| row.kind != BreakKind::InTransit)
            .map(place)
            .collect();
        let more = breaks - places.len() as i64;
        if more > 0 {
            places.push(match is_chinese {
                true => format!("另有 {more} 项"),
                false => format!("and {more} more"),
            });
        }
        Ok(places)
    }
}
