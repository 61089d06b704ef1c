//! What is refused as a private file, and how.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn refusal(result: Result<impl Sized, PrivateError>) -> Why {
    match result {
        Err(PrivateError::Refused { why, .. }) => why,
        Err(PrivateError::Io { source, .. }) => panic!("another error: {source}"),
        Ok(_) => panic!("not refused"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_is_made_is_private() {
    let temporary = tempfile::tempdir().unwrap();
    let directory_path = temporary.path().join("state/keyfleet");
    directory(&directory_path).unwrap();
    directory(&directory_path).unwrap();
    assert_eq!(mode(&directory_path), 0o700);
    let file = directory_path.join("journal");
    open(&file, Access::Append).unwrap().write_all(b"one\n").unwrap();
    open(&file, Access::Append).unwrap().write_all(b"two\n").unwrap();
    assert_eq!((mode(&file), read(&file).unwrap()), (0o600, b"one\ntwo\n".to_vec()));
    replace(&file, b"three").unwrap();
    assert_eq!((mode(&file), read(&file).unwrap()), (0o600, b"three".to_vec()));
    assert_eq!(fs::read_dir(&directory_path).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn what_others_could_have_a_hand_in_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    fs::write(at("file"), "x").unwrap();
    for access in [Access::Read, Access::Append] {
        symlink(at("file"), at("link")).unwrap();
        assert_eq!(refusal(open(&at("link"), access)), Why::Symlink);
        fs::remove_file(at("link")).unwrap();
        assert_eq!(refusal(open(temporary.path(), access)), Why::Directory);
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert_eq!(refusal(open(&at("fifo"), access)), Why::NotAFile);
        fs::remove_file(at("fifo")).unwrap();
        for writable in [0o620, 0o602, 0o666] {
            chmod(&at("file"), writable);
            assert_eq!(refusal(open(&at("file"), access)), Why::Writable);
        }
        chmod(&at("file"), 0o644);
        open(&at("file"), access).unwrap();
    }
}

#[test]
fn a_directory_that_others_may_write_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    fs::create_dir(at("open")).unwrap();
    chmod(&at("open"), 0o777);
    assert_eq!(refusal(directory(&at("open"))), Why::Writable);
    chmod(&at("open"), 0o755);
    directory(&at("open")).unwrap();
    symlink(at("open"), at("link")).unwrap();
    assert_eq!(refusal(directory(&at("link"))), Why::Symlink);
    fs::write(at("file"), "x").unwrap();
    assert_eq!(refusal(directory(&at("file"))), Why::NotADirectory);
}

#[test]
fn an_error_names_the_file_and_says_what_to_do() {
    let path = Path::new("/tmp/a\u{1b}b");
    let words = PrivateError::refused(path, Why::Writable).to_string();
    assert_eq!(
        words.as_str(),
        "/tmp/a\\u{1b}b is refused: its group or everybody may write to it; chmod go-w makes it private"
    );
}

#[test]
fn where_a_person_chose_the_place_only_a_plain_file_gives_way() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.json");
    fs::write(&file, "mine").unwrap();
    chmod(&file, 0o644);
    replace_plain(&file, b"new").unwrap();
    assert_eq!((fs::read(&file).unwrap().as_slice(), mode(&file)), (b"new".as_slice(), 0o600));
    let link = directory.path().join("link.json");
    symlink(&file, &link).unwrap();
    assert_eq!(refusal(replace_plain(&link, b"other")), Why::Symlink);
    assert_eq!(refusal(replace_plain(directory.path(), b"other")), Why::Directory);
    assert_eq!(fs::read(&file).unwrap(), b"new");
}
