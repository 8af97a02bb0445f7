//! A joint day: one made-up world, and each partner's side of it as a thin view.
//!
//! Responsible for reading a world and its views, for making the world's rows from a seed, and for
//! writing each view's files through the mappings of the configuration, with a statement of what
//! was planted. Not for what the hub makes of them. Both are TOML
//! ([ADR 0025](../../../docs/adr/0025-one-world-many-views.md)): a partner joins the day without
//! Rust. The one invariant: a fact stands in the world once, so that two partners who tell it tell
//! the same, but for what a view plants on purpose.

mod statement;
mod template;
mod view;
mod world;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::diag::{Code, Problem, Problems};
use crate::document::Document;
use crate::job::Configuration;

pub use statement::{FileFigure, JointStatement, Planted};
pub use view::{VIEW_KEYS, View};
pub use world::{WORLD_KEYS, World, WorldPlan};
pub use write::write;

/// The file that declares the world, in the folder of the views.
pub const WORLD: &str = "world.toml";

/// The file that declares a partner's view, in the folder of the partner.
pub const VIEW: &str = "view.toml";

/// A world or a view that cannot be made as it is written.
pub(super) const BAD_VIEW: Code = Code {
    id: "bad-view",
    title: "a simulated world or a partner's view of it cannot be made as it is written",
    title_zh: "模拟世界或视图定义有误",
    help: "A column of the world is made in exactly one way; a template names columns that stand before it \
           or those of a table before its own; a view names mappings, records, columns and tables that there \
           are. See docs/reference/simulate_world.toml and simulate_view.toml.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[BAD_VIEW];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct JointRequest {
    /// The business day.
    pub date: NaiveDate,
    /// Other seeds give other people, vehicles and amounts.
    pub seed: u64,
    /// Every table of the world has so many times its rows.
    pub scale: u32,
}

/// The world and the views of a folder.
#[derive(Debug)]
pub struct Scenery {
    /// How the world is made.
    pub world: WorldPlan,
    /// Each partner's side, by partner.
    pub views: Vec<View>,
}

impl Scenery {
    /// Reads `world.toml` and every `PARTNER/view.toml` of a folder; all problems are reported, and it
    /// is given only when there is none.
    pub fn read(
        folder: &Path,
        configuration: &Configuration,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let path = folder.join(WORLD);
        let document = Document::read(&path, &path, problems)?;
        let world = WorldPlan::read(&document, problems);
        let mut views = Vec::new();
        for (partner, path) in view_files(folder) {
            let Some(document) = Document::read(&path, &path, problems) else {
                continue;
            };
            if let Some(world) = &world {
                views.extend(View::read(
                    &document,
                    &partner,
                    world,
                    configuration,
                    problems,
                ));
            }
        }
        let scenery = Self {
            world: world?,
            views,
        };
        (problems.error_count() == before).then_some(scenery)
    }
}

/// Every partner's view in a folder, by partner.
fn view_files(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_str()?.to_owned();
            let path = entry.path().join(VIEW);
            path.is_file().then_some((name, path))
        })
        .collect();
    found.sort();
    found
}

fn wrong(place: crate::diag::Place, message: impl Into<String>) -> Problem {
    Problem::error(&BAD_VIEW, place, message)
}
