//! Which sheets an xlsx workbook has, where they lie, and what it must not have.

use super::markup::{Markup, Tag, attribute, is_true, local_attribute};
use super::package::{Package, Part, Use};
use crate::format::FormatError;
use crate::format::excel::codes::{self, refuse, short};

/// One sheet.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// The part that has its cells; none for a chart.
    pub(super) part: Option<Part>,
}

/// The list of sheets.
#[derive(Debug, Clone, Default)]
pub(super) struct Workbook {
    pub(super) sheets: Vec<Sheet>,
    pub(super) is_1904: bool,
}

/// Where the list of sheets stands.
const WORKBOOK: &str = "xl/workbook.xml";

struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Workbook {
    /// Reads the list of sheets; refuses macros and links to other files.
    pub(super) fn read(package: &mut Package) -> Result<Self, FormatError> {
        refuse_parts(package)?;
        refuse_macro_types(package)?;
        let root = relations(package, "_rels/.rels")?;
        let document = root.iter().find(|one| one.kind == "officeDocument");
        let target = document.map(|one| one.target.trim_start_matches('/').to_lowercase());
        if target.as_deref() != Some(WORKBOOK) {
            let message = format!(
                "the package names `{}` as its workbook, expected `{WORKBOOK}`",
                short(target.as_deref().unwrap_or("nothing"))
            );
            return Err(refuse(codes::PART, message));
        }
        let relations = relations(package, "xl/_rels/workbook.xml.rels")?;
        if let Some(link) = relations.iter().find(|one| one.kind == "externalLink") {
            let message = format!("the workbook links to `{}`", short(&link.target));
            return Err(refuse(codes::EXTERNAL_LINK, message));
        }
        let Some(part) = package.part(WORKBOOK) else {
            let message = format!("the workbook has no part `{WORKBOOK}`");
            return Err(refuse(codes::PART, message));
        };
        let (found, is_1904) = list(package, &part)?;
        let mut workbook = Self {
            sheets: Vec::new(),
            is_1904,
        };
        for (name, is_hidden, id) in found {
            let relation = relations.iter().find(|one| one.id == id);
            let Some(relation) = relation else {
                let message = format!("the sheet `{}` leads to no part", short(&name));
                return Err(refuse(codes::PART, message));
            };
            if workbook.sheets.iter().any(|other| other.name == name) {
                let message = format!("the sheet `{}` is there twice", short(&name));
                return Err(refuse(codes::PART, message));
            }
            let path = match relation.target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{}", relation.target),
            };
            let part = package.part(&path).filter(|_| relation.kind == "worksheet");
            workbook.sheets.push(Sheet {
                name,
                is_hidden,
                part,
            });
        }
        Ok(workbook)
    }
}

/// Macros and links are told by their parts as well, whatever the lists say.
fn refuse_parts(package: &Package) -> Result<(), FormatError> {
    for part in &package.parts {
        let name = part.name.as_str();
        let is_macro = name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/");
        if is_macro {
            let message = format!("the workbook has the part `{}`", short(name));
            return Err(refuse(codes::MACROS, message));
        }
        if name.starts_with("xl/externallinks/") {
            let message = format!("the workbook has the part `{}`", short(name));
            return Err(refuse(codes::EXTERNAL_LINK, message));
        }
    }
    Ok(())
}

fn refuse_macro_types(package: &mut Package) -> Result<(), FormatError> {
    let Some(part) = package.part("[Content_Types].xml") else {
        let message = "the package has no `[Content_Types].xml`: it is no workbook";
        return Err(refuse(codes::NOT_A_WORKBOOK, message));
    };
    package.read(&part, Use::Kept, |content| {
        let mut markup = Markup::new(&part.name, content);
        loop {
            match markup.next()? {
                Tag::End => return Ok(()),
                Tag::Open(tag) => {
                    let kind = attribute(&tag, "ContentType").unwrap_or_default();
                    let kind = kind.to_lowercase();
                    if kind.contains("macroenabled") || kind.contains("vbaproject") {
                        let message = format!("the workbook declares `{}`", short(&kind));
                        return Err(refuse(codes::MACROS, message));
                    }
                }
                Tag::Close(_) | Tag::Text(_) => {}
            }
        }
    })
}

/// The relations of a part; none when the part is not there.
fn relations(package: &mut Package, path: &str) -> Result<Vec<Relation>, FormatError> {
    let Some(part) = package.part(path) else {
        return Ok(Vec::new());
    };
    package.read(&part, Use::Kept, |content| {
        let mut found = Vec::new();
        let mut markup = Markup::new(&part.name, content);
        loop {
            match markup.next()? {
                Tag::End => return Ok(found),
                Tag::Open(tag) if tag.local_name().as_ref() == "Relationship" => {
                    let kind = attribute(&tag, "Type").unwrap_or_default();
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    found.push(Relation {
                        id: attribute(&tag, "Id").unwrap_or_default(),
                        kind,
                        target: attribute(&tag, "Target").unwrap_or_default(),
                    });
                }
                _ => {}
            }
        }
    })
}

/// A sheet as the list names it: its name, whether it is hidden, its relation.
type Listed = (String, bool, String);

fn list(package: &mut Package, part: &Part) -> Result<(Vec<Listed>, bool), FormatError> {
    package.read(part, Use::Kept, |content| {
        let mut markup = Markup::new(&part.name, content);
        let (mut sheets, mut is_1904) = (Vec::new(), false);
        loop {
            match markup.next()? {
                Tag::End => return Ok((sheets, is_1904)),
                Tag::Open(tag) if tag.local_name().as_ref() == "sheet" => {
                    let state = attribute(&tag, "state").unwrap_or_default();
                    sheets.push((
                        attribute(&tag, "name").unwrap_or_default(),
                        state == "hidden" || state == "veryHidden",
                        local_attribute(&tag, "id").unwrap_or_default(),
                    ));
                }
                Tag::Open(tag) if tag.local_name().as_ref() == "workbookPr" => {
                    is_1904 |= is_true(&tag, "date1904");
                }
                _ => {}
            }
        }
    })
}
