//! What one file may ask of the machine.

use super::excel::WorkbookLimits;

/// The most a file may have of anything; each is a setting with this default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of content after the envelope. Default 20 GiB.
    pub content_bytes: u64,
    /// Bytes of one record. Default 1 MiB.
    pub record_bytes: usize,
    /// Bytes of one delimited field. Default 64 KiB.
    pub field_bytes: usize,
    /// Fields in one delimited record. Default 1,024.
    pub columns: usize,
    /// Open XML elements at once. Default 64.
    pub xml_depth: usize,
    /// Attributes of one XML element. Default 256.
    pub xml_attributes: usize,
    /// XML namespace declarations in scope at once. Default 64.
    pub xml_namespaces: usize,
    /// Bytes of one XML text, tag, CDATA section, comment or processing instruction. Default
    /// 256 KiB.
    pub xml_text_bytes: usize,
    /// Bytes of the XML records that wait for a value behind them. Default 16 MiB.
    pub xml_held_bytes: usize,
    /// What a workbook may ask for beside these.
    pub workbook: WorkbookLimits,
    /// Open JSON objects and arrays at once. Default 64.
    pub json_depth: usize,
    /// Names of one JSON object. Default 1,024.
    pub json_members: usize,
    /// Bytes of one JSON text, name or number as it is written. Default 256 KiB.
    pub json_text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            content_bytes: 20 << 30,
            record_bytes: 1 << 20,
            field_bytes: 64 << 10,
            columns: 1024,
            xml_depth: 64,
            xml_attributes: 256,
            xml_namespaces: 64,
            xml_text_bytes: 256 << 10,
            xml_held_bytes: 16 << 20,
            workbook: WorkbookLimits::default(),
            json_depth: 64,
            json_members: 1024,
            json_text_bytes: 256 << 10,
        }
    }
}
