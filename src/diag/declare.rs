//! How a module declares what it can complain about.

/// Declares codes, and `CODES`: all of them, for `dukou explain`.
///
/// It begins with the visibility and the type of the constants, `pub(super) Code;` or, where they
/// are only ever referred to, `pub(super) &Code;`. Then for each code its name, and in this order
/// id, title, Chinese title and help.
macro_rules! codes {
    ($vis:vis Code;
     $($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $title_zh:literal, $help:literal;)*) => {
        $(
            $(#[$doc])*
            $vis const $name: $crate::diag::Code = $crate::diag::Code {
                id: $id,
                title: $title,
                title_zh: $title_zh,
                help: $help,
            };
        )*

        /// What this module can complain about.
        pub const CODES: &[$crate::diag::Code] = &[$($name),*];
    };
    ($vis:vis &Code;
     $($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $title_zh:literal, $help:literal;)*) => {
        $(
            $(#[$doc])*
            $vis const $name: &$crate::diag::Code = &$crate::diag::Code {
                id: $id,
                title: $title,
                title_zh: $title_zh,
                help: $help,
            };
        )*

        /// What this module can complain about.
        pub const CODES: &[$crate::diag::Code] = &[$($crate::diag::Code {
            id: $id,
            title: $title,
            title_zh: $title_zh,
            help: $help,
        }),*];
    };
}

pub(crate) use codes;
