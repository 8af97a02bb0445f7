//! Fills the page's template; everything is escaped there, whoever wrote it.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::content::Content;
use super::details::Index;
use super::view::Page;
use super::{ReportError, Request};

const TEMPLATE: &str = include_str!("page.html");

/// The whole page as text.
pub(super) fn render(
    request: &Request<'_>,
    content: &Content,
    index: &Index,
    version: i64,
    neutralised: u64,
) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    let language = request.language;
    environment.add_function("t", move |zh: &str, en: &str| {
        language.pick(zh, en).to_owned()
    });
    environment.add_template("page.html", TEMPLATE)?;
    let page = Page::new(request, content, index, version, neutralised);
    Ok(environment.get_template("page.html")?.render(Serde(page))?)
}
