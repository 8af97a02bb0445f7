//! The table of kinds: what each is called, how it looks, and what proves it.
//!
//! To add a kind, add a row; its shapes are tried in their order, the first that fits is proven.
//! A shape matches the whole text in upper case.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::verdict::Verdict;
use super::{person, plate, unit, vehicle};

/// A kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant's row in `RULES` says what it is")]
pub enum Identifier {
    ResidentId,
    HkMacauResidencePermit,
    TaiwanResidencePermit,
    PermanentResidentId,
    PermanentResidentIdNew,
    PermanentResidentIdOld,
    ForeignPassport,
    ChinesePassport,
    HkMacauTravelPermit,
    TaiwanTravelPermit,
    MilitaryOfficerId,
    ArmedPoliceId,
    OtherPersonDocument,
    Uscc,
    OrganisationCode,
    BusinessLicence,
    InstitutionCertificate,
    SocialGroupCertificate,
    LawFirmLicence,
    OtherUnitDocument,
    Vin,
    Plate,
    PlateWithColour,
    CardNumber,
    BankCardNumber,
    EntryId,
    ExportEntryId,
    DeclarationSeqNo,
    CustomsRegistration,
    RefundEntryNo,
}

/// One kind of number.
pub(super) struct Rule {
    pub(super) kind: Identifier,
    /// As a configuration names it.
    pub(super) word: &'static str,
    pub(super) title: &'static str,
    pub(super) expected: &'static str,
    /// Whether it is a document, and so a canonical document type.
    pub(super) is_document: bool,
    pub(super) is_personal: bool,
    pub(super) shapes: &'static [Shape],
}

/// One form of a kind.
pub(super) struct Shape {
    /// A regular expression for the whole text.
    pub(super) pattern: &'static str,
    /// What it must prove beyond its shape.
    pub(super) proof: fn(&Subject<'_>) -> Verdict,
}

/// What is judged.
pub(super) struct Subject<'s> {
    pub(super) text: &'s str,
    pub(super) today: NaiveDate,
}

impl Subject<'_> {
    pub(super) fn starts_with_any(&self, heads: &[&str]) -> bool {
        heads.iter().any(|head| self.text.starts_with(head))
    }
}

/// Documents of a person, then of a unit, then everything else.
const PERSON: (bool, bool) = (true, true);
const UNIT: (bool, bool) = (true, false);
const OTHER: (bool, bool) = (false, false);
const OTHER_PERSONAL: (bool, bool) = (false, true);

macro_rules! rules {
    ($($kind:ident $word:literal $title:literal $class:ident $expected:literal
        $([$pattern:expr => $proof:path])+;)*) => {
        /// Every kind.
        pub(super) const RULES: &[Rule] = &[$(Rule {
            kind: Identifier::$kind,
            word: $word,
            title: $title,
            expected: $expected,
            is_document: $class.0,
            is_personal: $class.1,
            shapes: &[$(Shape { pattern: $pattern, proof: $proof }),+],
        }),*];

        /// The words of all kinds, in the order of the table.
        pub const WORDS: &[&str] = &[$($word),*];
    };
}

/// The provinces' signs on plates.
macro_rules! province {
    () => {
        "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    };
}

rules! {
    ResidentId "resident_id" "居民身份证" PERSON
        "18 digits of which the last may be X, or 15 digits"
        [r"[1-8]\d{16}[\dX]" => person::resident]
        [r"[1-8]\d{14}" => person::resident_15];
    HkMacauResidencePermit "hk_macau_residence_permit" "港澳居民居住证" PERSON
        "18 digits that begin with 810000 or 820000, of which the last may be X"
        [r"8[12]0000\d{11}[\dX]" => person::residence_permit];
    TaiwanResidencePermit "taiwan_residence_permit" "台湾居民居住证" PERSON
        "18 digits that begin with 830000, of which the last may be X"
        [r"830000\d{11}[\dX]" => person::residence_permit];
    PermanentResidentId "permanent_resident_id" "外国人永久居留身份证" PERSON
        "9 and 17 digits of which the last may be X, or 3 letters and 12 digits"
        [r"9\d{16}[\dX]" => person::permanent_resident]
        [r"[A-Z]{3}\d{12}" => unit::shape_only];
    PermanentResidentIdNew "permanent_resident_id_new" "外国人永久居留身份证（2023版）" PERSON
        "9 and 17 digits of which the last may be X"
        [r"9\d{16}[\dX]" => person::permanent_resident];
    PermanentResidentIdOld "permanent_resident_id_old" "外国人永久居留身份证（旧版）" PERSON
        "3 letters and 12 digits"
        [r"[A-Z]{3}\d{12}" => unit::shape_only];
    ForeignPassport "foreign_passport" "外国护照" PERSON
        "5 to 17 letters and digits"
        [r"[A-Z0-9]{5,17}" => unit::shape_only];
    ChinesePassport "chinese_passport" "中国护照" PERSON
        "a passport number such as E and 8 digits"
        [r"E\d{8}|E[A-Z]\d{7}|[DSP]\d{7,8}|[DSP]E\d{7}|G\d{8}|1[45]\d{7}|K\d{7,8}|KJ\d{7}|MA\d{7}"
            => unit::shape_only];
    HkMacauTravelPermit "hk_macau_travel_permit" "港澳居民来往内地通行证" PERSON
        "H or M and 8 or 10 digits"
        [r"[HM](\d{8}|\d{10})" => unit::shape_only]
        [r"[A-Z]{1,2}\d{6,10}" => unit::old_form];
    TaiwanTravelPermit "taiwan_travel_permit" "台湾居民来往大陆通行证" PERSON
        "8 digits, or 10 digits and perhaps a letter"
        [r"\d{8}" => unit::shape_only]
        [r"\d{10}[A-Z]?" => unit::old_form];
    MilitaryOfficerId "military_officer_id" "军官证" PERSON
        "4 to 20 letters, digits and Chinese characters"
        [r"[\p{Han}A-Z0-9-]{4,20}" => unit::shape_only];
    ArmedPoliceId "armed_police_id" "武警警察身份证" PERSON
        "4 to 20 letters, digits and Chinese characters"
        [r"[\p{Han}A-Z0-9-]{4,20}" => unit::shape_only];
    OtherPersonDocument "other_person_document" "其他个人证件" PERSON
        "4 to 32 letters, digits and Chinese characters"
        [r"[\p{Han}A-Z0-9()（）/-]{4,32}" => unit::shape_only];
    Uscc "uscc" "统一社会信用代码" UNIT
        "18 digits and letters without I, O, S, V and Z"
        [r"[0-9A-HJ-NP-RTUW-Y]{18}" => unit::credit_code];
    OrganisationCode "organisation_code" "组织机构代码" UNIT
        "8 digits and letters and a check digit, perhaps with a hyphen before it"
        [r"[0-9A-Z]{8}-?[0-9X]" => unit::organisation];
    BusinessLicence "business_licence" "营业执照" UNIT
        "a unified social credit code, or the 13 or 15 digits of an old licence"
        [r"[0-9A-HJ-NP-RTUW-Y]{18}" => unit::credit_code]
        [r"\d{13}|\d{15}" => unit::old_form];
    InstitutionCertificate "institution_certificate" "事业单位法人证书" UNIT
        "a unified social credit code, or the 12 digits of an old certificate"
        [r"[0-9A-HJ-NP-RTUW-Y]{18}" => unit::credit_code]
        [r"[0-9A-Z\p{Han}]{6,17}" => unit::old_form];
    SocialGroupCertificate "social_group_certificate" "社会团体法人登记证书" UNIT
        "a unified social credit code, or the number of an old certificate"
        [r"[0-9A-HJ-NP-RTUW-Y]{18}" => unit::credit_code]
        [r"[0-9A-Z\p{Han}]{4,17}" => unit::old_form];
    LawFirmLicence "law_firm_licence" "律师事务所执业许可证" UNIT
        "a unified social credit code, or the 17 digits of an old licence"
        [r"[0-9A-HJ-NP-RTUW-Y]{18}" => unit::credit_code]
        [r"[0-9A-Z]{6,17}" => unit::old_form];
    OtherUnitDocument "other_unit_document" "其他单位证件" UNIT
        "4 to 32 letters, digits and Chinese characters"
        [r"[\p{Han}A-Z0-9()（）/-]{4,32}" => unit::shape_only];
    Vin "vin" "车辆识别代号" OTHER
        "17 digits and letters without I, O and Q"
        [r"[0-9A-HJ-NPR-Z]{17}" => vehicle::vin];
    // In the order of the pattern: ordinary with police, learner, trailer, Hong Kong, Macau and
    // consulate plates; small and large new-energy ones; rescue; embassy; armed police; military.
    Plate "plate" "车牌号码" OTHER_PERSONAL
        "a licence plate such as 陕A12345"
        [concat!(
            province!(), r"[A-HJ-Z][A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9警学挂港澳领试超]|",
            province!(), r"[A-HJ-Z]([A-HJK][A-HJ-NP-Z0-9]\d{4}|\d{5}[A-HJK])|",
            province!(), r"[A-Z][A-Z0-9]{4,5}应急|",
            r"使\d{6}|\d{6}[使领]|",
            r"WJ[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?\d{4}[0-9A-Z]|WJ\d{7}|",
            r"[A-HJ-NP-Z]{2}\d{5}",
        ) => unit::shape_only];
    PlateWithColour "plate_with_colour" "车牌号码_颜色" OTHER_PERSONAL
        "a licence plate with its colour, such as 陕A12345_0"
        [r"[\p{Han}A-Z0-9]{7,9}_(\d|1[12])" => plate::coloured];
    CardNumber "card_number" "ETC卡号" OTHER_PERSONAL
        "the 16 digits of a card, or 20 with its network"
        [r"\d{16}|\d{20}" => unit::shape_only];
    BankCardNumber "bank_card_number" "银行卡号" OTHER_PERSONAL
        "12 to 19 digits"
        [r"\d{12,19}" => unit::bank_card];
    EntryId "entry_id" "报关单号" OTHER
        "18 digits of which the ninth is 0 (export) or 1 (import)"
        [r"\d{8}[01]\d{9}" => unit::shape_only];
    ExportEntryId "export_entry_id" "出口报关单号" OTHER
        "18 digits of which the ninth is 0"
        [r"\d{8}0\d{9}" => unit::shape_only];
    // The shape with I or E was seen and never specified.
    DeclarationSeqNo "declaration_seq_no" "报关单统一编号" OTHER
        "I or E and 17 digits"
        [r"[IE]\d{17}" => unit::shape_only]
        [r"[0-9A-Z]{18}" => unit::old_form];
    CustomsRegistration "customs_registration" "海关注册编码" OTHER
        "10 digits and letters"
        [r"[0-9A-Z]{10}" => unit::shape_only];
    RefundEntryNo "refund_entry_no" "退税报关单号" OTHER
        "the 18 digits of a declaration and 3 of its line"
        [r"\d{8}[01]\d{9}\d{3}" => unit::shape_only];
}

/// The first shape of a kind that a text has.
pub(super) fn shape_of(kind: Identifier, text: &str) -> Option<&'static Shape> {
    static PATTERNS: LazyLock<Vec<Vec<Regex>>> = LazyLock::new(|| {
        let compiled = |shape: &Shape| Regex::new(&format!("^(?:{})$", shape.pattern));
        let all = |rule: &Rule| rule.shapes.iter().map(compiled).collect();
        let rules: Result<_, _> = RULES.iter().map(all).collect();
        rules.expect("the patterns of the table are constant, and a test compiles them")
    });
    let at = RULES.iter().position(|rule| rule.kind == kind)?;
    let fits = PATTERNS
        .get(at)?
        .iter()
        .position(|pattern| pattern.is_match(text))?;
    RULES.get(at)?.shapes.get(fits)
}

impl Identifier {
    /// The row of a kind.
    pub(super) fn rule(self) -> &'static Rule {
        let row = RULES.iter().find(|rule| rule.kind == self);
        row.expect("every kind has a row, which a test holds")
    }
}
