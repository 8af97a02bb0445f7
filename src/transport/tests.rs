//! Stories over real directories: a partner's folder, an archive, and what can go wrong.

#![expect(clippy::indexing_slicing, reason = "a missing element fails the test")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::{CWD, Mode, mkfifoat};
use tempfile::TempDir;

use super::*;
use crate::id::FileDigest;

/// A partner's root with one drop folder `in`, an archive, and a folder that nobody may touch.
struct World {
    folder: TempDir,
    partner: Transport,
    archive: Archive,
}

const PLENTY: u64 = 1 << 20;

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["partner/in", "outside"] {
            fs::create_dir_all(folder.path().join(name)).expect("created");
        }
        let root = folder.path().join("partner");
        let partner = DirTransport::open(root, MAX_ENTRIES).expect("the root is there");
        let archive = Archive::open(folder.path().join("archive")).expect("created");
        Self {
            folder,
            partner: Transport::Dir(partner),
            archive,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> &Self {
        put(&self.path(name), bytes);
        self
    }

    fn list(&self, pattern: &str) -> Listing {
        let pattern = Pattern::new(pattern).expect("a good pattern");
        self.partner.list(&inbox(), &pattern).expect("listed")
    }

    fn only_entry(&self) -> Entry {
        let mut files = self.list("*").files;
        assert_eq!(files.len(), 1);
        files.remove(0)
    }

    fn deliver(&self, bytes: &[u8], name: &str) -> Result<Delivered, TransportError> {
        self.put("staged", bytes);
        let mut local = File::open(self.path("staged")).expect("readable");
        let name = RemoteName::clean(name).expect("a clean name");
        self.partner.deliver(&mut local, &inbox(), &name)
    }

    fn land(&self, entry: &Entry, max_bytes: u64) -> Result<Landed, TransportError> {
        let mut file = self.partner.open_read(entry)?;
        self.archive
            .land(&mut file, Path::new(entry.name.as_str()), max_bytes)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder is there");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("readable").file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("readable")
    }
}

fn inbox() -> Folder {
    Folder::new("in").expect("a good folder")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the partner need not write atomically"
)]
fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
}

/// SHA-256 of `abc`, from FIPS 180-4's examples.
fn digest_of_abc() -> FileDigest {
    FileDigest::from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        .expect("64 digits")
}

fn far_future() -> DateTime<Utc> {
    DateTime::<Utc>::MAX_UTC
}

#[test]
fn a_listing_has_the_fitting_regular_files_sorted_with_what_their_names_say() {
    let world = World::new();
    world
        .put("partner/in/CHK_B_2.txt", b"22")
        .put("partner/in/CHK_A_1.txt", b"1")
        .put("partner/in/other.csv", b"")
        .put("partner/in/.CHK_C_1.txt", b"")
        .put("partner/in/CHK_C_1.txt.part", b"");
    fs::create_dir(world.path("partner/in/CHK_D_1.txt")).expect("created");
    let listing = world.list("CHK_{who}_{number}.txt");
    let found: Vec<_> = listing
        .files
        .iter()
        .map(|entry| {
            (
                entry.name.as_str(),
                entry.bytes(),
                entry.captures["who"].as_str(),
            )
        })
        .collect();
    assert_eq!(found, [("CHK_A_1.txt", 1, "A"), ("CHK_B_2.txt", 2, "B")]);
    assert_eq!(listing.refused, []);
    assert_eq!(listing.ignored, 4);
}

#[test]
fn an_upload_in_progress_is_passed_over_even_if_the_pattern_fits() {
    let world = World::new();
    world
        .put("partner/in/a.xml.part", b"half")
        .put("partner/in/.a.xml", b"half");
    let listing = world.list("*");
    assert_eq!(
        (listing.files.len(), listing.refused.len(), listing.ignored),
        (0, 0, 2)
    );
}

#[test]
fn links_and_pipes_are_refused_and_the_good_file_beside_them_is_not() {
    let world = World::new();
    world
        .put("outside/secret", b"secret")
        .put("partner/in/good.xml", b"<a/>");
    let inside = |name: &str| world.path("partner/in").join(name);
    symlink(world.path("outside/secret"), inside("link.xml")).expect("linked");
    symlink("loop.xml", inside("loop.xml")).expect("linked");
    fs::hard_link(world.path("outside/secret"), inside("hard.xml")).expect("linked");
    mkfifoat(CWD, inside("pipe.xml"), Mode::from_raw_mode(0o600)).expect("made");
    let listing = world.list("*.xml");
    assert_eq!(listing.files.len(), 1);
    assert_eq!(listing.files[0].name.as_str(), "good.xml");
    let refused = [
        ("hard.xml", Refusal::HardLink),
        ("link.xml", Refusal::Symlink),
        ("loop.xml", Refusal::Symlink),
        ("pipe.xml", Refusal::Special),
    ]
    .map(|(name, reason)| RefusedFile {
        shown: name.to_owned(),
        reason,
    });
    assert_eq!(listing.refused, refused);
    assert_eq!(refused[1].reason.code().id, "file-symlink");
}

#[test]
fn hostile_names_are_refused_shown_escaped_and_left_alone() {
    let world = World::new();
    let names: [&[u8]; 5] = [
        b"-rf",
        b"\xb6\xd4.xml",
        b"a\nb.xml",
        b"a\\..\\b.xml",
        b"\x1b[2J.xml",
    ];
    for name in names {
        put(
            &world.path("partner/in").join(OsStr::from_bytes(name)),
            b"x",
        );
    }
    let listing = world.list("*.xml");
    assert_eq!(listing.files, []);
    let refused: Vec<_> = listing
        .refused
        .iter()
        .map(|file| (file.shown.as_str(), file.reason.code().id))
        .collect();
    assert_eq!(
        refused,
        [
            ("-rf", "name-leading-dash"),
            ("\\u{1b}[2J.xml", "name-control-character"),
            ("\\xb6\\xd4.xml", "name-not-utf8"),
            ("a\\\\..\\\\b.xml", "name-path"),
            ("a\\nb.xml", "name-control-character"),
        ]
    );
    assert_eq!(world.names("partner/in").len(), 5);
}

#[test]
fn a_folder_with_more_entries_than_the_limit_is_not_listed() {
    let world = World::new();
    for number in 0..4 {
        world.put(&format!("partner/in/{number}.xml"), b"");
    }
    let pattern = Pattern::new("*").expect("a good pattern");
    let list = |limit| {
        DirTransport::open(world.path("partner"), limit)
            .expect("the root is there")
            .list(&inbox(), &pattern)
    };
    assert_eq!(list(4).expect("exactly the limit").files.len(), 4);
    assert_eq!(
        list(3).expect_err("one too many").to_string(),
        format!(
            "`{}` has more than 3 entries; move finished files away, or raise the limit",
            world.path("partner/in").display()
        )
    );
}

#[test]
fn a_linked_folder_below_the_root_is_not_entered() {
    let world = World::new();
    symlink(world.path("outside"), world.path("partner/linked")).expect("linked");
    let linked = Folder::new("linked").expect("a good folder");
    let pattern = Pattern::new("*").expect("a good pattern");
    let error = world.partner.list(&linked, &pattern).expect_err("a link");
    assert_eq!(error.code().id, "folder-unsafe");
    let missing = Folder::new("missing/deeper").expect("a good folder");
    let error = world.partner.list(&missing, &pattern).expect_err("missing");
    assert_eq!(
        error.to_string(),
        format!(
            "the folder `{}` does not exist; create it, or correct the path",
            world.path("partner/missing").display()
        )
    );
}

#[test]
fn a_file_swapped_after_the_listing_is_not_opened() {
    let world = World::new();
    world
        .put("outside/secret", b"abc")
        .put("partner/in/a.xml", b"abc");
    let entry = world.only_entry();
    let path = world.path("partner/in/a.xml");
    let refusal = || {
        let error = world.partner.open_read(&entry).expect_err("it was swapped");
        assert!(error.is_transient(), "{error}");
        error.to_string()
    };
    let because = |what: &str| {
        format!(
            "`{}` changed while it was being taken: {what}; it is tried again once it is stable",
            path.display()
        )
    };

    fs::remove_file(&path).expect("removed");
    assert_eq!(
        refusal(),
        format!(
            "`{}` was listed but is gone; the next listing decides",
            path.display()
        )
    );
    symlink(world.path("outside/secret"), &path).expect("linked");
    assert_eq!(refusal(), because("it is now a symbolic link"));
    fs::remove_file(&path).expect("removed");
    mkfifoat(CWD, &path, Mode::from_raw_mode(0o600)).expect("made");
    assert_eq!(
        refusal(),
        because("it is no longer a regular file with one name")
    );
    fs::remove_file(&path).expect("removed");
    world.put("partner/in/a.xml", b"abd!");
    assert_eq!(
        refusal(),
        because("it is not the file that was listed, or was written to since")
    );
}

#[test]
fn a_file_lands_under_its_digest_once_however_often_it_comes() {
    let world = World::new();
    world.put("partner/in/a.xml", b"abc");
    let landed = world.land(&world.only_entry(), PLENTY).expect("landed");
    let expected = Landed {
        digest: digest_of_abc(),
        bytes: 3,
    };
    assert_eq!(landed, expected);
    let path = "archive/ba/78/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(world.archive.path(landed.digest), world.path(path));
    assert_eq!(world.read(path), b"abc");
    let mode = fs::metadata(world.path(path))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o440, "nobody writes to a landed file");
    assert_eq!(
        world.land(&world.only_entry(), PLENTY).expect("again"),
        expected
    );
    assert_eq!(world.names("archive/tmp"), Vec::<String>::new());
    assert_eq!(world.archive.verify(landed.digest).expect("sound"), 3);
}

#[test]
fn a_file_over_the_limit_leaves_nothing_in_the_archive() {
    let world = World::new();
    world.put("partner/in/a.xml", b"abc");
    assert!(world.land(&world.only_entry(), 3).is_ok());
    world.put("partner/in/a.xml", b"abcd");
    let error = world.land(&world.only_entry(), 3).expect_err("four bytes");
    assert_eq!(
        error.to_string(),
        "`a.xml` has more than 3 bytes; raise `max_bytes` if that is expected"
    );
    assert_eq!(world.names("archive"), ["ba", "tmp"]);
    assert_eq!(world.names("archive/tmp"), Vec::<String>::new());
}

#[test]
fn a_file_whose_bytes_do_not_add_up_to_its_size_does_not_land() {
    let world = World::new();
    world.put("partner/in/a.xml", b"abc");
    let mut file = world
        .partner
        .open_read(&world.only_entry())
        .expect("opened");
    // As if it had shrunk and grown again while it was read.
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(1)).expect("moved");
    let error = world.archive.land(&mut file, Path::new("a.xml"), PLENTY);
    assert_eq!(
        error.expect_err("two of three bytes").code().id,
        "file-changed"
    );
    assert_eq!(world.names("archive"), ["tmp"]);
}

#[test]
fn missing_and_damaged_archive_files_are_told_apart() {
    let world = World::new();
    let digest = digest_of_abc();
    let error = world.archive.read(digest).expect_err("nothing landed");
    assert_eq!(error.code().id, "archive-missing");
    world.put("partner/in/a.xml", b"abc");
    world.land(&world.only_entry(), PLENTY).expect("landed");
    let path = world.archive.path(digest);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("allowed");
    put(&path, b"abd");
    let error = world.archive.verify(digest).expect_err("other bytes");
    assert_eq!(
        error.to_string(),
        format!(
            "the archive's `{}` is damaged: its bytes have another digest; restore it from the \
             backup",
            path.display()
        )
    );
    put(&path, b"ab");
    let error = world
        .land(&world.only_entry(), PLENTY)
        .expect_err("another size");
    assert_eq!(error.code().id, "archive-damaged");
}

#[test]
fn a_delivery_is_written_once_and_recognised_when_repeated() {
    let world = World::new();
    let first = world.deliver(b"abc", "a.xml").expect("delivered");
    let expected = Delivered {
        bytes: 3,
        digest: digest_of_abc(),
        outcome: DeliveryOutcome::Written,
    };
    assert_eq!(first, expected);
    let again = world.deliver(b"abc", "a.xml").expect("recognised");
    assert_eq!(
        again,
        Delivered {
            outcome: DeliveryOutcome::AlreadyThere,
            ..expected
        }
    );
    assert_eq!(world.read("partner/in/a.xml"), b"abc");
    assert_eq!(world.names("partner/in"), ["a.xml"]);
}

#[test]
fn a_delivery_never_overwrites_other_bytes_and_follows_no_link() {
    let world = World::new();
    world
        .put("partner/in/a.xml", b"theirs")
        .put("outside/secret", b"secret");
    symlink(world.path("outside/secret"), world.path("partner/in/b.xml")).expect("linked");
    for name in ["a.xml", "b.xml"] {
        let error = world.deliver(b"ours", name).expect_err("it is taken");
        assert_eq!(
            error.to_string(),
            format!(
                "`{}` already exists with other bytes; it was not overwritten",
                world.path("partner/in").join(name).display()
            )
        );
        assert!(!error.is_transient());
    }
    assert_eq!(world.read("partner/in/a.xml"), b"theirs");
    assert_eq!(world.read("outside/secret"), b"secret");
    assert_eq!(world.names("partner/in"), ["a.xml", "b.xml"]);
}

#[test]
fn a_delivery_cannot_look_like_an_unfinished_upload() {
    let error = World::new()
        .deliver(b"abc", "a.part")
        .expect_err("the name");
    assert_eq!(
        error.to_string(),
        "`a.part` looks like an unfinished upload, which receivers skip; choose another name"
    );
}

#[test]
fn what_a_killed_delivery_left_is_cleaned_when_old_and_nothing_else_is() {
    let world = World::new();
    world
        .put("partner/in/.a.xml.4711-0.part", b"half")
        .put("partner/in/theirs.part", b"half")
        .put("partner/in/.hidden", b"")
        .put("partner/in/b.xml", b"");
    let clean = |older_than| world.partner.clean_leftovers(&inbox(), older_than);
    assert_eq!(clean(DateTime::UNIX_EPOCH).expect("cleaned"), 0);
    assert_eq!(world.deliver(b"abc", "a.xml").expect("delivered").bytes, 3);
    assert_eq!(clean(far_future()).expect("cleaned"), 1);
    assert_eq!(
        world.names("partner/in"),
        [".hidden", "a.xml", "b.xml", "theirs.part"]
    );

    world.put("archive/tmp/.landing.4711-0.part", b"half");
    assert_eq!(
        world
            .archive
            .clean_leftovers(far_future())
            .expect("cleaned"),
        1
    );
    assert_eq!(world.names("archive/tmp"), Vec::<String>::new());
}

#[test]
fn a_finished_file_is_deleted_moved_or_kept_and_finishing_again_is_harmless() {
    let world = World::new();
    world.put("partner/in/a.xml", b"abc");
    let entry = world.only_entry();
    let finish = |entry: &Entry, how: &Finish| world.partner.finish(entry, how).expect("finished");
    assert_eq!(finish(&entry, &Finish::Keep), Finished::Done);
    assert_eq!(world.names("partner/in"), ["a.xml"]);
    assert_eq!(finish(&entry, &Finish::Delete), Finished::Done);
    assert_eq!(finish(&entry, &Finish::Delete), Finished::AlreadyGone);

    let done = Finish::MoveTo(Folder::new("done/2026").expect("a good folder"));
    for expected in [
        vec!["a.xml"],
        vec!["a.xml", "a.xml.1"],
        vec!["a.xml", "a.xml.1", "a.xml.2"],
    ] {
        world.put("partner/in/a.xml", b"abc");
        let entry = world.only_entry();
        assert_eq!(finish(&entry, &done), Finished::Done);
        assert_eq!(finish(&entry, &done), Finished::AlreadyGone);
        assert_eq!(world.names("partner/done/2026"), expected);
    }
}

#[test]
fn a_file_that_took_the_place_of_a_finished_one_is_left_for_the_next_listing() {
    let world = World::new();
    world.put("partner/in/a.xml", b"abc");
    let entry = world.only_entry();
    world.put("partner/in/b", b"their next file");
    fs::rename(world.path("partner/in/b"), world.path("partner/in/a.xml")).expect("renamed");
    let finished = world
        .partner
        .finish(&entry, &Finish::Delete)
        .expect("finished");
    assert_eq!(finished, Finished::Replaced);
    assert_eq!(world.read("partner/in/a.xml"), b"their next file");
}
