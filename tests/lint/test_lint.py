"""Rules about the sources that no compiler checks. A message names the place: file:line: what.

SPDX-License-Identifier: MIT
"""
import collections
import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(os.environ.get("TLSRPTD_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
FOLDERS = ("ingest/base", "ingest", "schema", "web/judge", "web", "collector/probe", "collector")
TOP = {".ci", ".clang-format", ".clang-tidy", ".gitattributes", ".gitignore", "CMakeLists.txt", "CMakePresets.json", "LICENSE",
       "README.md", "collector", "deploy", "ingest", "schema", "tests", "web"}

# Library -> how its headers are named. Each is known to one file only, so that changing it changes one.
LIBRARIES = {
    "GMime": r"gmime/|glib", "zlib": r"zlib\.h", "json-c": r"json-c/", "libpq": r"libpq|postgres",
    "libmicrohttpd": r"microhttpd", "libconfuse": r"confuse", "OpenSSL digests": r"openssl/evp|openssl/sha",
    "OpenSSL certificates": r"openssl/(ec|pem)",
    "OpenSSL TLS": r"openssl/(ssl|err|bio)", "libidn2": r"idn2", "libcurl": r"curl/", "libunbound": r"unbound", "libldns": r"ldns/",
    "libopendkim": r"opendkim|dkim\.h", "libpsl": r"libpsl", "libcrypt": r"crypt\.h", "GnuTLS": r"gnutls",
}
BANNED = r"\b(strcpy|stpcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|gets|localtime\w*|gmtime\w*|ctime\w*|asctime\w*)\s*\(|\bgoto\b"
FILE_LINES, FUNCTION_LINES, COMPLEXITY, PARAMETERS, PUBLIC = 600, 60, 20, 6, 10
README_LINES = 30
PRESCRIBED = {"on_access"}  # signatures that a library gives its callbacks


def files():
    """All files that belong to the project, as relative paths."""
    done = subprocess.run(["git", "-c", "safe.directory=*", "-C", SOURCE, "ls-files", "-co", "--exclude-standard"],
                          capture_output=True, text=True, check=False)
    found = done.stdout.splitlines() if done.returncode == 0 else []
    if not found:  # an unpacked archive
        found = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*") if path.is_file()]
    ours = [pathlib.Path(name) for name in found if not re.match(r"(build|\.git)/|.*__pycache__/", name)]
    return sorted(path for path in ours if (SOURCE / path).is_file())


FILES = files()
C_FILES = [path for path in FILES if path.suffix in (".c", ".h")]
OURS = [path for path in C_FILES if str(path.parent) in FOLDERS]


def read(path):
    return (SOURCE / path).read_text(encoding="utf-8")


def code(path):
    """C without comments and without the contents of strings; lines stay where they are."""
    def blank(match):
        line = match.string[:match.start()].rpartition("\n")[2]
        return match[0] if line.startswith("#include") else re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, read(path), flags=re.S)


def none(faults):
    """Fails with all of them."""
    assert not faults, "\n" + "\n".join(faults)


def places(paths, pattern, text_of=code, flags=re.M):
    """file:line: text of every match."""
    found = []
    for path in paths:
        text = text_of(path)
        for match in re.finditer(pattern, text, flags):
            found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {' '.join(match[0].split())}")
    return found


def test_there_is_something_to_check():
    assert len(OURS) > 20


# --- walls ---

def test_no_include_goes_up():
    """The view of a library holds what it may use; "../" would climb out of it."""
    none(places(C_FILES, r'^\s*#\s*include\s*[<"][^>"]*\.\./.*'))


def test_each_library_is_known_to_one_file():
    for library, pattern in LIBRARIES.items():
        users = {place.split(":")[0] for place in places(OURS, rf"^\s*#\s*include\s*<({pattern}).*")}
        assert len(users) <= 1, f"{library} is included by {sorted(users)}"


def test_own_header_comes_first():
    faults = []
    for path in OURS:
        own = f'"{path.parent.name}/{path.stem}.h"'
        first = re.search(r"^#include (.*)$", code(path), re.M)
        if path.suffix == ".c" and (SOURCE / path.with_suffix(".h")).exists() and first and first[1].strip() != own:
            faults.append(f"{path}: begins with {first[1]}, not {own}")
    none(faults)


# --- sizes ---

Function = collections.namedtuple("Function", "path line name complexity lines parameters public")


def functions():
    done = subprocess.run(["pmccabe", *(str(path) for path in OURS if path.suffix == ".c")], capture_output=True, text=True, check=True,
                          cwd=SOURCE)
    found = []
    for row in done.stdout.splitlines():
        complexity, _, _, line, lines, place, name = row.split(None, 6)
        path = pathlib.Path(place.split("(")[0])
        text = code(path).split("\n")
        start = int(line) - 1
        while start and text[start - 1].strip() and not re.search(r"[;}]\s*$|^#", text[start - 1]):
            start -= 1  # the return type, or an attribute
        head = "\n".join(text[start:]).split("{")[0]
        depth, parameters = 0, 1
        for char in head[re.search(rf"\b{name}\s*\(", head).end() - 1:]:
            depth += (char == "(") - (char == ")")
            parameters += char == "," and depth == 1
            if depth == 0:
                break
        found.append(Function(path, int(line), name, int(complexity), int(lines), parameters, not re.search(r"\bstatic\b", head)))
    return found


def test_sizes_of_functions():
    faults = []
    for function in functions():
        for what, value, most in (("lines", function.lines, FUNCTION_LINES), ("complexity", function.complexity, COMPLEXITY),
                                  ("parameters", function.parameters, PARAMETERS)):
            if value > most and not (what == "parameters" and function.name in PRESCRIBED):
                faults.append(f"{function.path}:{function.line}: {function.name}: {what} {value}, at most {most}")
    none(faults)


def test_public_functions():
    """Few per file, named after the file."""
    faults = []
    public = collections.defaultdict(list)
    for function in functions():
        if function.public and function.name != "main":
            public[function.path].append(function)
    for path, those in public.items():
        if len(those) > PUBLIC:
            faults.append(f"{path}: {len(those)} public functions, at most {PUBLIC}")
    none(faults)


def test_tree_as_a_whole():
    """What STYLE asks of the average: small functions, and half of them hidden."""
    all_of_them = functions()
    lines = sum(function.lines for function in all_of_them)
    weighted = sum(function.lines * function.complexity for function in all_of_them) / lines
    hidden = sum(not function.public for function in all_of_them) / len(all_of_them)
    assert weighted <= 9, f"complexity weighted by lines is {weighted:.1f}"
    assert hidden >= 0.5, f"only {hidden:.0%} of the functions are static"


def test_sizes_of_files():
    long = [f"{path}: {count} lines, at most {FILE_LINES}" for path in C_FILES if (count := read(path).count("\n")) > FILE_LINES]
    none(long)


# --- language ---

def test_banned_functions():
    none(places(OURS, BANNED))
    none(places([path for path in C_FILES if path not in OURS], BANNED.replace(r"\w*", "")))  # gmtime_r() as a second opinion


def test_no_typedef_of_struct_or_enum():
    none(places(C_FILES, r"\btypedef\s+(struct|enum|union)\b.*"))


def test_no_forward_declaration():
    """Helpers stand above their user. (An attribute may need a declaration to be put on.)"""
    found = places([path for path in C_FILES if path.suffix == ".c"], r"^static [^=;{}()]*\([^;{}]*\)[^;{}]*;")
    none([place for place in found if not re.search(r"__attribute__|PRINTF|NORETURN|MUST_CHECK", place)])


def test_libraries_do_not_log():
    """Doors, hall, service and commands do; the rest returns a struct err."""
    doors = {"lmtp.c", "lmtp_log.c", "maildir.c", "spool.c"}
    quiet = [path for path in OURS if str(path.parent) in ("ingest", "schema", "web/judge", "web", "collector/probe") and path.name not in doors]
    none(places(quiet, r"\b(log_event|log_err|log_write)\s*\(|\b(printf|puts|perror|syslog)\s*\("))


def test_nothing_is_left_to_do():
    texts = [path for path in FILES if path.suffix in (".c", ".h", ".sql", ".py", ".cmake", ".txt") and path.name != "test_lint.py"]
    none(places(texts, r"\b(TODO|FIXME|XXX|HACK)\b.*", read))


# --- form ---

def test_heads():
    """Each file says what it is for, and its licence."""
    faults = []
    for path in FILES:
        if path.suffix in (".c", ".h", ".py") and path.parts[:2] != ("tests", "corpus"):
            head = "\n".join(read(path).split("\n")[:40])
            if "SPDX-License-Identifier: MIT" not in head:
                faults.append(f"{path}: no SPDX line in its head")
            if path.suffix in (".c", ".h") and not head.startswith("/*"):
                faults.append(f"{path}: no comment at its head")
    none(faults)


def test_sql_begins_with_a_comment():
    faults = [str(path) for path in FILES if path.suffix == ".sql" and not read(path).startswith("--")]
    none(faults)


def test_every_migration_is_applied():
    """One that is in no row of migrate.c would be there and never run; numbers count up from 1, each once."""
    migrations = sorted(path.stem for path in FILES if path.parent == pathlib.Path("schema/migrations"))
    assert [int(name[:4]) for name in migrations] == list(range(1, len(migrations) + 1))
    rows = re.findall(r"\{ \"(\w+)\", _(\d{4}_\w+)_sql \}", read(pathlib.Path("schema/migrate.c")))
    assert [name for _, name in rows] == migrations


def test_white_space():
    names = ("CMakeLists.txt", "run", "quickstart", "packages", "install-packages", "ingest")
    texts = [path for path in FILES if path.parts[:2] != ("tests", "corpus")
             and (path.suffix in (".c", ".h", ".sql", ".py", ".md", ".cmake", ".css", ".json", ".conf") or path.name in names)]
    none(places(texts, r"^.*(\t|\r|[ \t]$).*$", read))
    none([f"{path}: no newline at its end" for path in texts if read(path) and not read(path).endswith("\n")])


def test_clang_format():
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *map(str, C_FILES)], capture_output=True, text=True, cwd=SOURCE,
                          check=False)
    none(sorted({place + ": clang-format would change it" for place in re.findall(r"^(\S+?:\d+):\d+: error", done.stderr, re.M)}))
    assert done.returncode == 0, done.stderr


# --- layout ---

def test_top_level():
    none([f"{name} has no place at the top" for name in sorted({path.parts[0] for path in FILES} - TOP)])


def test_readmes_list_every_file():
    faults = []
    for folder in FOLDERS:
        readme = SOURCE / folder / "README.md"
        if not readme.exists():
            faults.append(f"{folder}/README.md is missing")
            continue
        text = readme.read_text(encoding="utf-8")
        if (count := text.count("\n")) > README_LINES:
            faults.append(f"{folder}/README.md: {count} lines, at most {README_LINES}")
        stems = {path.stem for path in OURS if str(path.parent) == folder}
        faults += [f"{folder}/README.md does not list {stem}" for stem in sorted(stems) if not re.search(rf"(?<![\w-]){stem}(?![\w-])", text)]
    none(faults)


def test_every_source_has_a_place_to_go_next():
    """The reader's walk: heads name files that exist."""
    known = {path.name for path in FILES}
    faults = []
    for path in OURS:
        head = read(path).split("*/")[0]
        for line in re.findall(r"\b(?:Before|Next): ([^\n]*)", head):
            faults += [f"{path}: {name} does not exist" for name in re.findall(r"[\w./-]+\.(?:c|h|sql)\b", line)
                       if pathlib.Path(name).name not in known]
    none(faults)
