"""The table of error recognisers: what a line that a program printed because something went wrong
looks like.

One row a form: add a row and an example. Every pattern is RE2 syntax (linear in the text, whatever
the text), matched anywhere in one line; patterns are compiled once into a set that tells in one
pass which of them match. `weight` (0 to 1) is how surely a line that matches is an error by itself;
a line gets the highest of its rows. `prose` rows are sure enough to be believed within running
prose too. `trigger` is a simpler, wider pattern for the first pass over a text, where the own one
would make the combined automaton large (repetitions in the middle): it must match within every line
that the pattern matches.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A recogniser: name, RE2 pattern, weight, and an example that must match."""

    name: str
    pattern: str
    weight: float
    example: str
    prose: bool = False
    trigger: str = ""


_CLASS = r"(?:[A-Za-z_$][\w$]*(?:\.|::|\\))*[A-Za-z_$][\w$]*"

# Not within a path, a flag, an option or the name of a target: `x86_64-unknown-linux-gnu`.
_WORD_BEGIN = r"(?i)(?:^|[^\w/.=,$-])"
_WORD_END = r"(?:$|[^\w/=-])"

RULES: tuple[Rule, ...] = (
    # --- exceptions of languages and runtimes
    Rule(
        "exception",
        r"(?:^|[\s\[(|>:'\"`「『“«（：，、])(?:Uncaught |Unhandled )?"
        + _CLASS
        + r"(?:Error|Exception|Fault|Interrupt|Panic|(?:\.|^)(?:errors?|exceptions?)\.[A-Z]\w+)"
        r"(?:\s?\[[\w./-]+\])?(?:: ?\S|$)",
        0.92,
        "httpx.ConnectError: All connection attempts failed",
        prose=True,
        trigger=r"(?:Error|Exception|Fault|Interrupt|Panic)(?:\s?\[|:|$)"
        r"|\.(?:errors?|exceptions?)\.[A-Z]\w+(?:\s?\[|:|$)",
    ),
    Rule(
        "elixir",
        r"^\s*\*\* \((?:[A-Z]\w*(?:\.\w+)*Error|exit|stop|throw|EXIT[^)]*)\) \S",
        0.95,
        "** (MatchError) no match of right hand side value: :lid",
        prose=True,
        trigger=r"\*\* \([A-Zest]",
    ),
    Rule(
        "exception_message",
        r"(?i)\bexception message:?\W{1,6}\w|^\W*failed to execute script\b",
        0.9,
        "- **Exception Message:** the spout of kettle (4) must match the lid (3)",
    ),
    Rule(
        "exception_repr",
        r"\b[A-Z]\w*(?:Error|Exception)\(['\"]",
        0.8,
        "exception=RuntimeError('Event loop is closed')>",
    ),
    Rule(
        "r_error",
        r"^\W{0,4}Error in [^\n]{1,120} ?: ?\S|^\W{0,4}Error in `[^`\n]{1,80}`:$",
        0.88,
        "Error in pour(lid) : the kettle is empty",
        trigger=r"Error in ",
    ),
    Rule(
        "error_colon",
        r"(?:^|[\s\[(|>⎿`\"'“「『«（：，、])(?:Uncaught )?[Ee]rror ?\d{0,3}: ?\S",
        0.88,
        "Error: spawn uvx ENOENT",
        prose=True,
    ),
    Rule(
        "error_upper",
        (
            r"(?:^|[\s|>])\[?(?:ERROR|FATAL|CRITICAL|SEVERE|Fatal|FATAL ERROR|fatal error"
            r"|fatal)\]?\s*:"
        ),
        0.85,
        "fatal: not a git repository",
        prose=True,
    ),
    Rule(
        "error_level",
        r"(?:^|[\s\[|<])(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|CRIT|ERR)(?:[\]|>]|\s)"
        r"|\[(?i:error|fatal|crit|critical|severe|err|panic)\]|"
        r"level=\"?(?i:error|fatal|crit)|\"level\":\s?\"(?i:error|fatal|crit)",
        0.74,
        "[error] the socket went away",
    ),
    Rule(
        "error_word",
        r"(?i)(?:^|\s)(?:errors?|fatal|exception|panic)(?:\s|$)",
        0.5,
        "an error occurred in the pump",
    ),
    Rule(
        "error_json_log",
        r"(?i)\b(?:error|err|exception|reason|cause)=(?:\"|'|\w)",
        0.75,
        'level=warn err="context deadline exceeded"',
    ),
    Rule(
        "failed_colon",
        r"(?i)(?:failed|failure|crashed|aborted|exception|unsuccessful)\s?(?:\([^)]+\))?:\s?\S",
        0.8,
        "Auto-update failed: permission denied",
        trigger=r"(?i)(?:failed|failure|crashed|aborted|exception|unsuccessful)\s?[(:]",
    ),
    Rule(
        "java_thread",
        r"Exception in thread \"|^Caused by: ",
        0.95,
        'Exception in thread "main" java.lang.IllegalStateException: x',
        prose=True,
    ),
    Rule(
        "caused_by",
        r"^\W{0,2}Caused by:$",
        0.7,
        "Caused by:",
    ),
    Rule(
        "uncaught",
        (
            r"(?i)(?:uncaught|unhandled) (?:exception|promise rejection|rejection|error|\(in "
            r"promise\))(?:[^s/\w]|$)|was never retrieved"
        ),
        0.85,
        "Unhandled exception. System.NullReferenceException",
    ),
    Rule(
        "go_panic",
        r"(?:^|\s)(?:panic(?:\([\w ]+\))?: |fatal error: |runtime error: )",
        0.95,
        "panic: runtime error: index out of range",
        prose=True,
    ),
    Rule(
        "rust_panic",
        r"thread '[^']*' (?:\([^)]*\) )?panicked at",
        0.95,
        "thread 'main' panicked at src/main.rs:4:5:",
        prose=True,
        trigger="panicked at",
    ),
    Rule(
        "cpp_terminate",
        r"terminate called (?:after throwing|without an active)|^\s*what\(\): ",
        0.95,
        "terminate called after throwing an instance of 'std::bad_alloc'",
    ),
    Rule(
        "runtime_words",
        r"(?i)\b(?:object reference (?:is )?not set to an instance of an? object"
        r"|(?:list|string|tuple) index out of range|index was (?:out of range|outside the bounds)"
        r"|cannot read propert(?:y|ies) .{1,60}of (?:undefined|null)"
        r"|(?:undefined|null) is not (?:an object|a function)"
        r"|'?nonetype'? object (?:has no attribute|is not)"
        r"|nil pointer dereference"
        r"|on a null object reference|maximum call stack size exceeded"
        r"|maximum recursion depth exceeded|sequence contains no (?:matching )?elements?"
        r"|(?:division|divide) by zero|called `?option::unwrap\(\)`? on a)",
        0.9,
        "Object reference not set to an instance of an object.",
        prose=True,
    ),
    Rule(
        "caps_code",
        r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:ERROR|FAILED|FAILURE|EXCEEDED|DENIED|TIMEOUT"
        r"|NOT_FOUND): \S",
        0.85,
        "LID_QUERY_ERROR: expected two lids, got one",
        prose=True,
        trigger=r"_(?:ERROR|FAILED|FAILURE|EXCEEDED|DENIED|TIMEOUT|NOT_FOUND): \S",
    ),
    Rule(
        "sql_code",
        r"SQLSTATE\[|ORA-\d{4,5}|\bSQLite Error \d+|DB::Exception|SQLITE_[A-Z]{3,}|ERROR \d{4} \(",
        0.95,
        "SQLSTATE[42S22]: Column not found",
        prose=True,
    ),
    # --- compilers, linkers, asserts, signals
    Rule(
        "compiler",
        (
            r"(?:\.\w{1,5}(?:[:(]\d+(?:[:,]\d+)?\)?)?|\s|^)\s?:?\s?(?:fatal )?error(?:\[E\d+\]| "
            r"[A-Z]{1,5}\d{2,5})?\s?: "
        ),
        0.93,
        "a.cpp(47,61): error C2676: binary '^'",
    ),
    Rule(
        "file_line_error",
        r"(?i)\.\w{1,5}:\d+: (?:fatal )?(?:cuda |rocm |vulkan )?error\b",
        0.93,
        "/src/ggml-cuda/fattn.cu:66: fatal error",
    ),
    Rule(
        "compiler_warning",
        r"(?:\.\w{1,5}:\d+(?::\d+)?:|\.\w{1,5}\(\d+(?:,\d+)?\)\s?:?) [Ww]arning\b"
        r"|\b[Ww]arning: .*\[-W[\w-]+\]|\b[Ww]arning C\d{4}:|\(SC\d{4}\)"
        r"|\bSC\d{4}\b(?: \(\w+\))?: ?\S",
        0.74,
        "pump.c:12:3: warning: unused variable 'flow' [-Wunused-variable]",
        trigger=r"[Ww]arning\b|SC\d{4}\b",
    ),
    Rule(
        "sanitizer",
        r"Conditional jump or move depends on|Use of uninitialised value|Invalid (?:read"
        r"|write) of size"
        r"|Source and destination overlap in|definitely lost: [1-9]|\w+Sanitizer: "
        r"|WARNING: DATA RACE"
        r"|ERROR SUMMARY: [1-9]|use-of-uninitialized-value|heap-(?:buffer-overflow|use-after-free)",
        0.9,
        "==77== Conditional jump or move depends on uninitialised value(s)",
    ),
    Rule(
        "linker",
        r"undefined reference to|undefined symbol|unresolved external symbol|symbol lookup "
        r"error|cannot locate symbol|"
        r"CANNOT LINK|multiple definition of|[Uu]ndefined symbols for architecture"
        r"|duplicate symbol",
        0.92,
        "undefined reference to `iqk_mul_mat'",
    ),
    Rule(
        "tool_error",
        r"^(?:collect2|ld(?:\.lld|\.gold)?|lld-link|link|LINK|nvcc|clang|gcc|cc1|configure"
        r"|make(?:\[\d+\])?|cmake|CMake|"
        r"xcrun|cargo|npm|pnpm|yarn|bwrap|git|docker|pip|ninja)\s?:? ?(?:fatal|[Ee]rror|ERROR"
        r"|ERR!|\*\*\*)",
        0.85,
        "collect2: error: ld returned 1 exit status",
    ),
    Rule(
        "npm",
        r"(?:^|\s)npm (?:ERR!|error)|ERR_PNPM_\w+|\bERR_[A-Z]{2,}[A-Z_]+",
        0.85,
        "npm error code ENOTEMPTY",
    ),
    Rule(
        "assert",
        r"(?:_ASSERT|\bASSERT(?:ION)?)\(.*\) failed|[Aa]ssertion [`'\"(]?.*(?:failed|FAILED)"
        r"|Assertion failed|"
        r"assert(?:ion)? failure|AssertionError",
        0.97,
        "a.c:97: GGML_ASSERT(base != NULL) failed",
        prose=True,
        trigger=r"ASSERT|[Aa]ssert",
    ),
    Rule(
        "signal",
        r"SIG(?:SEGV|ABRT|ILL|BUS|FPE|KILL|TRAP|SYS)\b|[Ss]egmentation [Ff]ault|[Ss]egfault "
        r"at|core dumped|EXC_BAD_ACCESS|"
        r"EXC_CRASH|Illegal instruction|[Bb]us error|access violation|0xc0000005|ACCESS_VIOLATION",
        0.93,
        "Thread 3 received signal SIGSEGV, Segmentation fault.",
        prose=False,
    ),
    Rule(
        "memory",
        r"malloc\(\): |free\(\): |double free|heap corruption|stack smashing|uninitialised "
        r"value|AddressSanitizer|"
        r"buffer overflow detected|heap out of memory|OOMKilled|OutOfMemory|[Oo]ut of memory"
        r"|: oom\b|"
        r"MEMORY_LIMIT_EXCEEDED|memory limit exceeded|page allocation failure",
        0.9,
        "malloc(): invalid size (unsorted)",
    ),
    Rule(
        "gpu",
        r"(?:CUDA|ROCm|HIP|Vulkan|OpenCL|Metal|NCCL|cuBLAS|CUBLAS|CUDNN|cuDNN) [Ee]rror"
        r"|CUDA_ERROR_|VK_ERROR_|DeviceLost|"
        r"device(?: was)? lost|illegal memory access|NaN values|found nan|nan detected",
        0.9,
        "CUDA error: an illegal memory access was encountered",
        prose=True,
    ),
    Rule(
        "wasm_panic",
        (
            r"oh no: .* has crashed|crashed by signal|BUG: |BUG! |INTERNAL ERROR|internal "
            r"compiler error"
        ),
        0.88,
        "oh no: Bun has crashed.",
    ),
    Rule(
        "exit_code",
        r"(?i)(?:exit(?:ed)?|return(?:ed)?|terminat\w+|exiting|failed)\b[^\n]*\b(?:code"
        r"|status)[ :=]{1,3}-?(?:[1-9]\d*|"
        r"0x[0-9a-f]+)|exit (?:code|status):?\s+-?(?:[1-9]|0x)|exit status 0x|Negsignal",
        0.8,
        "Claude Code process exited with code 127",
        trigger=r"(?i)(?:code|status)[ :=]{1,3}-?(?:[1-9]|0x)|exit (?:code|status):?\s|Negsignal",
    ),
    # --- system errors
    Rule(
        "errno",
        r"\b(?:E(?:NOENT|ACCES|PERM|EXIST|ISDIR|NOTDIR|NOTEMPTY|MFILE|NFILE|BUSY|INVAL"
        r"|PIPE|BADF|CONNREFUSED|CONNRESET|"
        r"CONNABORTED|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRINUSE|ADDRNOTAVAIL|NOTFOUND"
        r"|AI_AGAIN|NOSPC|ROFS|XDEV|NOMEM|2BIG|"
        r"NAMETOOLONG|FTYPE|PROTO|OF\b|BADENGINE|RESOLVE|INTEGRITY|TARGET|USAGE|INTR|LOOP"
        r"|AGAIN|IO|UNKNOWN|LIFECYCLE))\b",
        0.88,
        "spawn npx ENOENT",
        prose=False,
    ),
    Rule(
        "os_message",
        r"No such file or directory|Permission denied|permission denied|Operation not "
        r"permitted|[Cc]onnection (?:refused|"
        r"reset|closed|aborted|timed out|lost|error)|No space left on device|Too many open "
        r"files|Device or resource busy|"
        r"Read-only file system|Broken pipe|[Aa]ddress already in use|Name or service not "
        r"known|No route to host|"
        r"Address family not supported|\(os error \d+\)|\[Errno -?\d+\]|[Ll]ocking protocol"
        r"|(?:database|table) is locked|"
        r"cannot execute binary file|Exec format error|Access is denied|Access denied",
        0.85,
        "env: node: No such file or directory",
    ),
    Rule(
        "shell",
        r"command not found|: not found$|is not recognized as (?:an internal|the name of)"
        r"|Cannot find (?:module|package|"
        r"path|name)|No module named|CommandNotFoundException|FullyQualifiedErrorId"
        r"|CategoryInfo|syntax error near|"
        r"no such module|no such (?:table|column|host)|[Mm]odule not found|Can't resolve"
        r"|Could not resolve|"
        r"could not be resolved",
        0.88,
        "bash: uvx: command not found",
        prose=False,
    ),
    Rule(
        "tls",
        r"self[- ]signed certificate|certificate (?:verify failed|has expired|specifies"
        r"|signed by)|x509: |"
        r"unable to (?:get local issuer|verify the first)|SSL[_ ]ERROR|SSL routines|invalid "
        r"peer certificate|"
        r"handshake fail|bad certificate|CERTIFICATE_VERIFY_FAILED",
        0.9,
        "Error: self-signed certificate in certificate chain",
    ),
    Rule(
        "net",
        r"(?i)fetch failed|failed to fetch|socket hang up|getaddrinfo|network error|connect "
        r"ETIMEDOUT|"
        r"peer closed connection|net::ERR_|NS_ERROR_|dial tcp|i/o timeout|unexpected EOF|no "
        r"such host|stream (?:error|"
        r"disconnected|ended)|websocket (?:closed|error)|EOF occurred|blocked by CORS policy",
        0.85,
        "TypeError: fetch failed",
    ),
    Rule(
        "kotlin",
        r"^\s*e: (?:file:/{2,3})?\S+\.kts?:\d+",
        0.93,
        "e: file:///src/Pour.kt:41:9 Unresolved reference: openLid",
    ),
    Rule(
        "dyld",
        r"\bLibrary not loaded: \S",
        0.95,
        "Library not loaded: @rpath/libkettle.dylib",
    ),
    Rule(
        "gradle_cause",
        r"^\s*(?:\[[\s+\dms]{2,14}\]\s+)?> (?:Could not|Cannot|Failed|Unable|"
        r"No (?:matching|such (?:property|file|module|method)|variants?|cached version|service)|"
        r"Plugin |A (?:failure|problem)|Un(?:supported|recognized|expected)|Duplicate|Inconsistent|"
        r"Namespace|Compilation|Manifest|Android|java\.) ?\S",
        0.9,
        "> Could not resolve com.teapot:lids:4.2.",
    ),
    # --- services that answer over HTTP
    Rule(
        "http_status",
        r"(?:^|[\s\"'(\[:•✖✻●-])(?:HTTP(?: [Ee]rror|/[\d.]+)?|[Ss]tatus(?:[ _]?[Cc]ode)?"
        r"|[Ee]rror(?: [Cc]ode)?|ERROR|"
        r"[Rr]esponse|API [Ee]rror|code|rejected|with status|returned|OpenAI API error)[ "
        r":=(]{1,3}\"?(?:4[0-5]\d|"
        r"5[0-3]\d)\b",
        0.88,
        "Error 401: Missing Authorization Header",
        prose=True,
    ),
    Rule(
        "status_first",
        r"^\W{0,4}(?:40\d|41[0-8]|42[2-9]|431|451|50[0-8]|52\d|530) (?:\{|[<\"A-Z`]"
        r"|(?:unexpected|unauthorized|forbidden|"
        r"too|not|no|bad|invalid|"
        r"insufficient|missing|messages?|input|prompt|internal|service|gateway|request"
        r"|model|rate|quota|overloaded|tools?|status|"
        r"unsupported|provider)\b)",
        0.88,
        "402 Insufficient Balance",
        prose=True,
    ),
    Rule(
        "api_error",
        r"\bAPI (?:[Ee]rror(?:$|[^\w\s]|\s[^a-z\s])|Request (?:Failed|failed|rejected))"
        r"|[Rr]equest (?:failed|rejected)|Error from provider|"
        r"[A-Z]\w+Exception - |Provider returned error|[Ee]rror code:|[Ee]rror interacting with",
        0.88,
        "API Error: 529 Overloaded.",
        prose=True,
    ),
    Rule(
        "error_kind",
        r"\b(?:[a-z]+_)+error\b|insufficient_\w+|rate_limit_exceeded|invalid_api_key"
        r"|context_length_exceeded|"
        r"RESOURCE_EXHAUSTED|UNAUTHENTICATED|PERMISSION_DENIED|UNIMPLEMENTED"
        r"|DEADLINE_EXCEEDED|INVALID_ARGUMENT|"
        r"invalid_grant|model_not_found|[A-Z]+_INVOCATION_\w+|\b[a-z]+(?:_[a-z]+)*_failed\b",
        0.85,
        "insufficient_quota: You exceeded your current quota",
        trigger=r"_error\b|insufficient_|rate_limit_exceeded|invalid_api_key|model_not_found"
        r"|context_length_exceeded|RESOURCE_EXHAUSTED|UNAUTHENTICATED|PERMISSION_DENIED"
        r"|UNIMPLEMENTED|DEADLINE_EXCEEDED|INVALID_ARGUMENT|invalid_grant|_INVOCATION_|_failed\b",
    ),
    Rule(
        "json_error",
        r"[\"']error[\"']\s*:\s*[\"'{]|[\"']?(?:error|errorM|m)essage[\"']?\s*:\s*[\"']"
        r"|\\\"error\\\"|"
        r"[\"']?errors?[\"']?\s*:\s*\[\{|[\"']?statusCode[\"']?: ?[45]\d\d",
        0.82,
        '{"error":{"message":"User not found.","code":401}}',
    ),
    Rule("mcp", r"\bMCP error\b", 0.92, "MCP error -32000: Connection closed", prose=True),
    Rule("json_rpc", r"-32\d{3}\b", 0.88, '{"code": -32601, "message": "Method not found"}'),
    Rule(
        "grpc",
        r"rpc error: code = |desc = \"",
        0.92,
        "rpc error: code = Unknown desc = failed to pull",
        prose=True,
    ),
    Rule(
        "daemon",
        r"Error response from daemon|Cannot connect to the Docker daemon|(?:Image"
        r"|ErrImage)Pull(?:BackOff)?|"
        r"CrashLoopBackOff|is unhealthy|permission denied while trying to connect",
        0.92,
        "Error response from daemon: client version 1.24 is too old.",
        prose=True,
    ),
    Rule(
        "win_code",
        r"0x[89c]\d{7}\b|\b0xC0000\w{3}|[Ee]xception code: ",
        0.85,
        "[error 2147942402 (0x80070002) when launching `pwsh.exe']",
    ),
    Rule(
        "vendor_code",
        r"\[code: \d{4,6}\]|\(code(?:[:=]| )\s?\d{2,6}\)|reason: \d{3,4}\)|\berror:\(-?\d+\)|"
        r"[Ee]rr(?:or)?:? #?-?\d{1,10}\b|errno[ =:]-?\d+|res:-\d+",
        0.8,
        "Authentication error [code: 10000]",
    ),
    # --- sentences that programs print
    Rule(
        "component",
        r"^\W{0,4}[\w$<>]{2,}(?:(?:::|[./:-])[\w$<>]+)*(?:\[\d+\]|\(\))?: (?:\S+ "
        r")*(?i:fail(?:ed|ure)|cannot|can't|"
        r"could not|couldn't|unable|unknown|invalid|errors?|not found|not supported"
        r"|unsupported|no such|refused|denied|"
        r"missing|no permissions?|timed out|lost)\b",
        0.78,
        "model_loader: unknown type i2_s",
        trigger=(
            r"(?i:fail(?:ed|ure)|cannot|can't|could not|couldn't|unable|unknown|invalid|errors?"
            r"|not found|not supported|"
            r"unsupported|no such|"
            r"refused|denied|missing|no permissions?|timed out|lost)\b"
        ),
    ),
    Rule(
        "labelled",
        (
            r"^\W{0,4}(?:[A-Z]\w+ ){1,5}(?i:error|failed|failure|response|exception|unavailable"
            r"|rejected|denied|timeout|refused): \S"
        ),
        0.78,
        "Unexpected API Response: the model gave no message",
        prose=True,
        trigger=(
            r"(?i:error|failed|failure|response|exception|unavailable|rejected|denied|timeout"
            r"|refused): \S"
        ),
    ),
    Rule(
        "failed_for",
        r"^\W{0,4}[A-Z]\w+ (?:\w+ ){0,2}failed (?:for|in|at|on|during|because|after)\b",
        0.78,
        'Validation failed for tool "pour":',
        trigger=r" failed (?:for|in|at|on|during|because|after)\b",
    ),
    Rule(
        "verb_failed",
        r"(?i)\b(?:failed to|failed with|fail(?:ed|s) at|could ?n[o']t|could not|cannot|can't"
        r"|can ?not|unable to|"
        r"was unable|did not|does(?:n't| not) (?:exist|match|support|have)|was not "
        r"(?:received|provided|found)|failed!?$|"
        r"failed\.)\b?",
        0.62,
        "Failed to load hostfxr",
    ),
    Rule(
        "not_valid",
        _WORD_BEGIN + r"(?:invalid|incorrect|not valid|too low|unsupported|not supported|unknown"
        r"|unrecognized|unexpected|illegal|"
        r"malformed|corrupt(?:ed|ion)?|missing|mismatch|incompatible|inconsistent|bad"
        r"|wrong|expired|undefined|"
        r"not implemented|unimplemented|not allowed|must be|must have|exceed(?:s|ed)?|too "
        r"(?:large|long|small|many|old)|"
        r"no longer)" + _WORD_END,
        0.5,
        "unknown model architecture: 'bitnet-b1.58'",
    ),
    Rule(
        "not_there",
        _WORD_BEGIN + r"(?:not found|does not exist|no (?:such|matching|endpoints|allowed|available"
        r"|compatible|auth|more)|"
        r"unavailable|not available|no (?:credits|longer)|not (?:received|enough|honored)|is "
        r"not (?:a|an|defined|"
        r"installed|running|enough|available|supported|allowed)|isn['’]t supported|out of"
        r"|insufficient|requires?|denied|"
        r"refused|rejected|forbidden|unauthorized|unhealthy|offline)" + _WORD_END,
        0.5,
        "no endpoints found for this model",
    ),
    Rule(
        "ended",
        _WORD_BEGIN + r"(?:timed? ?out|timeout(?:[^=\w]|$)|terminated|crash(?:ed)?|aborted|killed"
        r"|disconnected|"
        r"closed unexpectedly|unexpectedly|hang(?:s|ing)?|stuck|stopped|interrupted"
        r"|unresponsive|cancell?ed|deadlock|"
        r"gave up|giving up|lost|reset by|overloaded|rate.?limit(?:ed)?|quota|disappeared"
        r"|exhausted)" + _WORD_END,
        0.5,
        "request timed out after 30 seconds",
    ),
    Rule(
        "limit",
        r"(?i)maximum (?:context|prompt|allowed|request)|(?:usage|rate|context|token"
        r"|spend\w*)[ -]limit|hit your limit|"
        r"have no credits|cooling down|credit balance|context (?:window|overflow)|run out of",
        0.6,
        "This endpoint's maximum context length is 200000 tokens.",
    ),
    Rule("nan", r"(?i)(?:\]|\b)nan,? ?(?:\[\d+\])?nan\b|\[nan, nan", 0.6, "[1]nan,[2]nan,[3]nan"),
    Rule(
        "symptom",
        r"(?i)^\W*(?:✘|✗|×|✖|❌|🚫|💥|⛔)",
        0.55,
        "✘ A request to the Cloudflare API failed.",
    ),
    Rule(
        "labelled_abroad",
        r"(?:错误|失败|报错|异常|エラー|오류|[Оо]шибка|Fehler|[Ee]rreur|Errore)\s?[:：]\s?\S",
        0.82,
        "致命错误：kettle.h：没有那个文件或目录",
    ),
    Rule(
        "cjk",
        r"(?:错误|失败|报错|异常|エラー|失敗|ошибк|Ошибка|오류|실패|erreur|Fehler)",
        0.6,
        "连接失败",
    ),
    Rule(
        "test_failed",
        r"^not ok \d+|^\s*(?:FAIL(?:ED)?|✗|✕)\b|\bFAILED\b",
        0.6,
        "not ok 11 - running evp_test",
    ),
)

NOISE: tuple[tuple[str, str, float], ...] = (
    # What makes a line less of an error than its words say: name, RE2 pattern, factor for the
    # weight.
    (
        "info",
        r"(?i)(?:^|[\s\[|\"])(?:info|debug|trace|verbose|notice)\b[\]\s:|\"]"
        r"|level=\"?(?:info|debug|trace)",
        0.6,
    ),
    ("warning", r"(?i)(?:^|[\s\[|(])warn(?:ing)?\b|level=\"?warn|\bDeprecat|: note: ", 0.75),
    (
        "zero",
        r"(?i)\b(?:0|no|zero|without(?: any)?) (?:errors?|failures?|exceptions?|crash\w*)\b"
        r"|errors?[:=] ?0\b|\bno error|"
        r"failed[:=] ?0\b|error(?:_count)?s?\"?: ?(?:0|null|false|none)\b"
        r"|\b0 (?:\w+ ){1,2}(?:failed|failures)\b"
        r"|(?:completed|finished|installed|built|loaded|started|created|updated|passed|was"
        r"|is|been|:|\]|^)"
        r"\W*(?:an? )?success(?:ful(?:ly)?)?\b",
        0.15,
    ),
    (
        "code",
        r"^\s*(?:-{2,}> ?)?(?:\d{1,6}[ |:]+)?(?:[+-]\s)?(?:throw |raise |except |catch|}?\s*catch"
        r"|console\.|return |if |elif |else|import |from |const |let |var |def |function |fn |func "
        r"|class |assert |print\(|printf\(|logger?\.|logging\.|log\.|try\b|#\s?include|#\s?define"
        r"|#\s?error|static |void |public |private |//|/\*|echo |\+ |cat >|require )"
        r"|;\s*$|=> \{\s*$",
        0.45,
    ),
    (
        "call",
        r"^\s*[a-z_][\w.:]*\s?\((?:.*[,( ])?[\"'].*[)\];,{]\s*$"
        r"|^\s*[\w.\[\]\"']+ ?=\s?[\"'\[{(\w].*[,;{\[(]\s*(?:#.*)?$",
        0.45,
    ),
    ("said", r"^\W*(?:\d\d:\d\d(?::\d\d)?\s+)?<\s?[@+]?[A-Za-z_]\w{1,20}>\s", 0.3),
    ("comment", r"^\s*(?:#+\s|/\*|\*\s(?:[^t]|t[^h])|<!--)|\*/\s*$", 0.6),
    ("environment", r"^\s*(?:export\s+|set\s+|-D)?[A-Z][A-Z0-9_]{2,}=[\"'\w/-]", 0.3),
    (
        "banner",
        r"(?i)FAILURE: Build failed with an exception|^\W*BUILD FAILED\b|Gradle task \w+ failed"
        r"|Exception in ASGI application|uncaught exception occurred"
        r"|Unhandled exception in \w+ \w+\W*$"
        r"|unhandled errors? in a TaskGroup"
        r"|This error originates from a subprocess|This is an issue with the package"
        r"|Please include the following file|Tell the author|^\W*(?:npm|gyp|pnpm) (?:ERR!"
        r"|error)\W+(?:Darwin|Linux|"
        r"Windows|argv|node|npm|cwd|System|command|node -v|not ok|A complete log"
        r"|errno|code E\w+\W*$"
        r"|syscall|path|stack "
        r"+at)\b|Task exception was never retrieved|Future exception was never retrieved"
        r"|collecting \S+\.py|failed with exception: \w+\W*$|[\w.]+ - Error in _?\w+\W*$"
        r"|: ERROR: \[?\w*\]?$"
        r"|=> ERROR \[|Ignored the following (?:yanked )?versions"
        r"|pip's dependency resolver does not|CategoryInfo  |FullyQualifiedErrorId "
        r"|the following (?:error|exception"
        r"|message)s?\b[^:]*:?\s*$"
        r"|(?:PanicException|SystemError): Rust panic|linker command failed|Pip failed"
        r"|Exception Type:|^\W*exit (?:code|status):? \d+\W*$|APPLICATION FAILED TO START"
        r"|An error occurred while calling \S+$|A failure occurred while executing"
        r"|One or more errors occurred|Execution failed for task|see inner exception",
        0.65,
    ),
    ("info_field", r"\"(?:level|severity)\":\s?\"(?i:info|debug|trace|notice)\"", 0.2),
    ("skipped", r"(?i)[.;:,] (?:skipping|ignoring)(?: [\w ]{1,30})?\W*$", 0.4),
    ("stopped", r"^\W*(?:Process|Target) \d+:? (?:\([^)]*\) )?stopped", 0.3),
    ("listing", r"^\s*(?:=> ?)?\d{1,6}\s{2,}\S", 0.45),
    (
        "setting",
        (
            r"(?i)^\W*errors? (?:reporting|handling|handler|logging|log|level|mode|rate|count)"
            r"\s?[:=]\s?\S+\s*$|^[^=]+\s=\s+(?:unknown|none|null|false|\d[\d.]*|\S{1,20})\s*$"
            r"|^[\w-]+: (?:timeout|max|keep-alive|no-cache)"
        ),
        0.3,
    ),
    (
        "shell_line",
        (
            r"^\s*(?:\$|%|PS [A-Z]:\\[^>]*>|C:\\[^>]*>|[\w.-]+@[\w.-]+[:~/ ][^$#]*[$#]"
            r"|[~/][\w./~-]* [$#%]) "
            r"|^\s*> (?:[a-z][\w-]* [a-z./-]|[./~$])"
        ),
        0.3,
    ),
    (
        "probe",
        (
            r"(?i): could not collect\s*$|performing test|-- looking for|-- check"
            r"|checking for|\.\.\. ?(?:no|yes|failed)$"
            r"|-- could not find|-- the "
        ),
        0.25,
    ),
    ("retry", r"(?i)\bretry(?:ing)?\b.*(?:attempt|in \d)|will retry|falling back|fallback", 0.85),
    ("sse_event", r"^\s*event: ?\w+\s*$", 0.2),
    ("number_field", r"^\s*[\"']?\w+[\"']?: ?\d+,?\s*$", 0.3),
    ("bar", r"^[\s~^|\-=*#.]*$|^\W*Vulnerability [\w ]+: ", 0.0),
    ("key_value", r"^\s*(?:[\w-]+)=(?:\S+)$|^\s*(?:-{1,2}[\w-]+)(?:[ =]\S+)?$", 0.5),
    (
        "summary",
        r"(?i)build failed|FAILURE: |gradle task|\btask .* failed with exit code"
        r"|^\W*make(?:\[\d+\])?: \*\*\*|"
        r"compilation terminated|could not compile|aborting due to|"
        r"process completed with exit code|non-zero|returned 1 exit status|"
        r"failed to run custom build command|process didn't exit successfully|"
        r"after \d+ (?:retries|attempts)|complete log of this run|subprocess-exited|"
        r"ninja: build stopped|error occurred in pipeline|see above|FAILED: \S+\.(?:o|obj)\b",
        0.8,
    ),
    ("bare", r"(?i)^\W*(?:HTTP|status(?: code)?|error(?: code)?)\W{0,3}\d{3}\W*$", 0.85),
    (
        "chain",
        (
            r"^\W*Dyld Error Message:\s*$|above exception was the direct cause"
            r"|[Dd]uring handling of the above|Traceback \(most recent call"
        ),
        0.0,
    ),
    ("token", r"^\W{0,3}[\w.]+\W{0,2}$", 0.85),
    ("bisect", r"is the first bad commit|^[+-]{3} |^@@ ", 0.2),
    ("question", r"\?\s*$", 0.6),
)
