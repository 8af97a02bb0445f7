//! The codes of this module, for `dukou explain` and the ledger.

use crate::diag::codes;

codes! {
    pub(super) Code;

    NAME_LENGTH = "name-length",
        "a file name is empty or longer than 255 bytes", "文件名为空或超过255字节",
        "Names have 1 to 255 bytes of UTF-8. Ask the partner to send the file under a shorter name.";
    NAME_NOT_UTF8 = "name-not-utf8",
        "a file name is not UTF-8", "文件名不是UTF-8编码",
        "The name is shown with its bytes escaped. It was probably written in GBK: set the sender's \
         file system or client to UTF-8, or have the file renamed.";
    NAME_PATH = "name-path",
        "a file name contains a path", "文件名中含有路径",
        "A name with `/`, `\\` or `..` could lead out of its folder. The file is not touched. If \
         the partner did not mean it, treat it as an attempted intrusion.";
    NAME_LEADING_DASH = "name-leading-dash",
        "a file name begins with `-`", "文件名以“-”开头",
        "Such a name reads as an option to command-line tools. Have the file renamed.";
    NAME_CONTROL = "name-control-character",
        "a file name contains a control character", "文件名中含有控制字符",
        "Line ends and terminal sequences in a name can forge log lines and screens. The name is \
         shown escaped; have the file renamed.";
    NAME_RESERVED = "name-reserved-character",
        "a file name contains a reserved character", "文件名中含有保留字符",
        "One of `: < > \" | * ?` stands in the name. Some systems read it as a drive, a stream or \
         a wildcard. Have the file renamed.";
    NAME_DEVICE = "name-device",
        "a file name is the name of a device", "文件名是设备名",
        "CON, PRN, AUX, NUL, COM1 and their like open a device on some systems, with any \
         extension. Have the file renamed.";
    NAME_EDGE = "name-edge",
        "a file name begins or ends with a space, or ends with a dot", "文件名首尾有空格或以句点结尾",
        "Some systems drop such characters, so that two names become one. Have the file renamed.";
    NAME_INVISIBLE = "name-invisible-character",
        "a file name contains an invisible character", "文件名中含有不可见字符",
        "Zero-width and text-direction characters make a name look like another one. The name is \
         shown escaped; have the file renamed.";
    FILE_SYMLINK = "file-symlink",
        "a symbolic link lies in a drop folder", "投递目录中有符号链接",
        "Links are never followed: they could point at anything. Send the file itself.";
    FILE_HARD_LINK = "file-hard-link",
        "a file in a drop folder has several names", "投递目录中的文件有多个硬链接",
        "A hard link may be somebody else's file. Copy the file into the folder instead.";
    FILE_SPECIAL = "file-special",
        "a pipe, socket or device lies in a drop folder", "投递目录中有管道、套接字或设备文件",
        "Only regular files are read. Remove it.";
    FOLDER_MISSING = "folder-missing",
        "a folder does not exist", "目录不存在",
        "Create the folder, mount its file system, or correct `path` in the job or the connection.";
    FOLDER_UNSAFE = "folder-unsafe",
        "a folder is a link or not a folder", "目录是链接或不是目录",
        "Folders below a connection's root are entered without following links. Replace the link \
         by a real folder, or point the connection's root at its target.";
    FOLDER_TOO_FULL = "folder-too-full",
        "a folder has more entries than the limit", "目录中的条目数超过上限",
        "Nothing was listed. Move finished files away, or raise the limit.";
    FILE_GONE = "file-gone",
        "a listed file is no longer there", "已列出的文件不见了",
        "The partner withdrew it, or another node took it. The next listing decides.";
    FILE_UNREADABLE = "file-access-denied",
        "a listed file may not be read", "无权读取文件",
        "The file stays where it is, the others are taken. Give the program's user the right to read \
         it, or ask whoever puts files there to do so; the next run takes it.";
    FILE_CHANGED = "file-changed",
        "a file changed while it was being taken", "文件在读取过程中被改动",
        "Nothing of it was used. It is looked at again when it has been stable for long enough; \
         if this repeats, ask the partner to write under a temporary name and rename.";
    FILE_TOO_LARGE = "file-too-large",
        "a file is larger than the limit", "文件超过大小上限",
        "Nothing of it was used. Raise `max_bytes` if such a file is expected.";
    TARGET_EXISTS = "target-exists",
        "another file already has the name of a delivery", "目标位置已有同名但内容不同的文件",
        "It was not overwritten. Find out who wrote it; remove it or cancel the delivery, then \
         resend.";
    NAME_UNFINISHED = "name-unfinished",
        "a delivery's name looks like an unfinished upload", "发送文件名形似未传完的临时文件",
        "Receivers skip names such as `.x` and `x.part`. Choose another name in the job.";
    DELIVERY_SIZE = "delivery-size",
        "a delivered file does not have the size that was sent", "发送后的文件大小与发出的不一致",
        "The target's file system lost bytes, or somebody changed the file. Look at the target \
         before resending.";
    HOST_UNREACHABLE = "host-unreachable",
        "a host has no address or does not answer", "对方主机无法连接",
        "Nothing was sent; it is tried again by the next run and by `dukou recover`. If it lasts, look \
         at the network and at `url` of the connection, and ask the partner.";
    ADDRESS_REFUSED = "address-refused",
        "a host is at an address that the connection does not allow", "对方主机地址不在允许范围",
        "Nothing was sent. If the partner moved, add the new address to `addresses` of the \
         connection; if not, somebody answers for its name.";
    HOST_NOT_TRUSTED = "host-not-trusted",
        "a host's certificate is not trusted", "对方证书不可信",
        "Nothing was sent. The message says what is wrong: the certificate ran out, is another \
         host's, or was not signed by who `ca_file` names. There is no way around it.";
    REQUEST_REFUSED = "request-refused",
        "a host refused a request by its status", "对方拒绝了请求",
        "The status and the beginning of its words are in the message. Redirections are not \
         followed: correct `url`. Mend the cause, then `dukou recover`.";
    OUTCOME_UNKNOWN = "outcome-unknown",
        "a request was sent and nobody knows what became of it", "请求已发出、结果不明",
        "Where `repeat` of the connection is true it is sent again by the next run. Otherwise ask \
         the partner whether it has the file: `dukou deliveries resend N --reason …` if not, \
         `dukou deliveries cancel N --reason …` if so.";
    REQUEST_UNSENDABLE = "request-unsendable",
        "a value cannot stand in a request", "请求中的值无法发送",
        "A header or field would have a line end or control character. Look at the templates of the \
         connection and at the file's name.";
    ARCHIVE_MISSING = "archive-missing",
        "a landed file is missing from the archive", "归档中缺少已落地的文件",
        "The archive was moved or cut. Restore it from the backup; nothing can be replayed before.";
    ARCHIVE_DAMAGED = "archive-damaged",
        "a file in the archive does not match its digest", "归档文件与其摘要不符",
        "The disk or a person changed it. Restore this file from the backup; the damaged bytes are \
         never used.";
    FILE_SYSTEM = "file-system",
        "the operating system refused a file operation", "操作系统拒绝了文件操作",
        "The message names the operation, the path and the system's reason: free space, rights, \
         or hardware.";
}
