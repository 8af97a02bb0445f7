//! Numbers made up: valid of their kind, and of nobody.

use super::digits;
use super::rules::Identifier;

/// Choices drawn from one number, the same every time.
struct Draw(u64);

impl Draw {
    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = (self.next() % from.len().max(1) as u64) as usize;
        from.get(at).copied().unwrap_or_default()
    }

    fn of(&mut self, alphabet: &str, count: usize) -> String {
        let one = |draw: &mut Self| {
            let at = (draw.next() % alphabet.len().max(1) as u64) as usize;
            alphabet.chars().nth(at).unwrap_or('0')
        };
        (0..count).map(|_| one(self)).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        self.of("0123456789", count)
    }

    fn birthday(&mut self) -> String {
        let (year, month, day) = (self.next() % 50, self.next() % 12, self.next() % 28);
        format!("{}{:02}{:02}", 1955 + year, month + 1, day + 1)
    }

    /// A number of the resident ID's algorithm behind a head of six digits.
    fn resident(&mut self, head: &str) -> String {
        let body = format!("{head}{}{}", self.birthday(), self.digits(3));
        with(body, digits::resident)
    }
}

/// A text with its check digit behind it.
fn with(body: String, digit: impl Fn(&str) -> Option<char>) -> String {
    let digit = digit(&body);
    body + &digit.map(String::from).unwrap_or_default()
}

const CODE: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const PLATE: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
const VIN: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";

impl Identifier {
    /// A number of this kind without any doubt, the same for the same seed. It is made up: if it
    /// is anybody's, that is chance.
    pub fn specimen(self, seed: u64) -> String {
        let mut draw = Draw(seed);
        match self {
            Self::ResidentId => draw.resident("610199"),
            Self::HkMacauResidencePermit => {
                let head = draw.pick(&["810000", "820000"]);
                draw.resident(head)
            }
            Self::TaiwanResidencePermit => draw.resident("830000"),
            Self::PermanentResidentId | Self::PermanentResidentIdNew => {
                let head = format!("9{}", draw.digits(5));
                draw.resident(&head)
            }
            Self::PermanentResidentIdOld => {
                draw.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 3) + &draw.digits(12)
            }
            Self::ForeignPassport => draw.of("CFGHJKLMNPRTVWXYZ", 1) + &draw.digits(8),
            Self::ChinesePassport => format!("E{}", draw.digits(8)),
            Self::HkMacauTravelPermit => draw.pick(&["H", "M"]).to_owned() + &draw.digits(8),
            Self::TaiwanTravelPermit => draw.digits(8),
            Self::MilitaryOfficerId => format!("军字{}", draw.digits(8)),
            Self::ArmedPoliceId => format!("武字{}", draw.digits(8)),
            Self::OtherPersonDocument | Self::OtherUnitDocument => draw.digits(12),
            Self::OrganisationCode => with(draw.of(CODE, 8), digits::organisation),
            Self::Uscc
            | Self::BusinessLicence
            | Self::InstitutionCertificate
            | Self::SocialGroupCertificate
            | Self::LawFirmLicence => draw.credit_code(),
            Self::Vin => draw.vin(),
            Self::Plate => format!("陕{}{}", draw.of("ABCDEFGHJKV", 1), draw.of(PLATE, 5)),
            Self::PlateWithColour => format!("陕A{}_0", draw.of(PLATE, 5)),
            Self::CardNumber => format!("6101{}", draw.digits(12)),
            Self::BankCardNumber => {
                let body = format!("621799{}", draw.digits(12));
                // The algorithm reads a whole number and leaves its last digit out.
                with(body, |body| digits::bank_card(&format!("{body}0")))
            }
            Self::EntryId | Self::ExportEntryId => draw.entry_id(),
            Self::DeclarationSeqNo => format!("E{}", draw.digits(17)),
            Self::CustomsRegistration => format!("6199{}", draw.digits(6)),
            Self::RefundEntryNo => format!("{}0{}", draw.entry_id(), draw.digits(2)),
        }
    }
}

impl Draw {
    /// Business, Shaanxi, any organisation.
    fn credit_code(&mut self) -> String {
        let organisation = with(self.of(CODE, 8), digits::organisation);
        with(format!("91619900{organisation}"), digits::credit_code)
    }

    fn vin(&mut self) -> String {
        let head = format!("L{}", self.of(VIN, 7));
        let tail = format!("P1{}", self.digits(6));
        let digit = digits::vin(&format!("{head}0{tail}")).unwrap_or('0');
        format!("{head}{digit}{tail}")
    }

    fn entry_id(&mut self) -> String {
        format!("9009{}0{}", 2024 + self.next() % 3, self.digits(9))
    }
}
