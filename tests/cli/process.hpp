#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/// Programs as a user meets them: started with arguments, judged by their status and what they print.
namespace fleetsim::testing {

namespace fs = std::filesystem;

/// A folder of its own for one test.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "fleetsim-cli-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] const fs::path& path() const { return path_; }

    /// Returns the file's full name.
    std::string put(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return *this / name;
    }

private:
    fs::path path_;
};

inline std::string contents(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>{in}, {}};
}

struct Finished {
    int status = 0;  ///< As a shell shows it: 128 and the signal's number when a signal ended the program.
    std::string out;
    std::string err;
};

/// A running program. Its output goes to files, so that it never waits for a reader.
class Program {
public:
    /// `out`: where standard output goes; empty: into `Finished::out`.
    explicit Program(std::vector<std::string> arguments, std::string out = {}, std::string working_folder = {})
        : out_(out.empty() ? folder_ / "out" : std::move(out)) {
        arguments.insert(arguments.begin(), FLEETSIM_BINARY);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        const std::string err = folder_ / "err";
        pid_ = fork();
        if (pid_ < 0) throw std::runtime_error("cannot fork");
        if (pid_ == 0) become(argv.data(), err, working_folder);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

    Finished wait() {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        Finished finished;
        finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (fs::is_regular_file(out_)) finished.out = contents(out_);
        finished.err = contents(folder_ / "err");
        return finished;
    }

private:
    /// In the child, where only what is safe after `fork` may be called.
    [[noreturn]] void become(char** argv, const std::string& err, const std::string& working_folder) const {
        // The test framework handles these; whoever asks about the program must not be told of that.
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        const int in = open("/dev/null", O_RDONLY);
        const int to_out = open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int to_err = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const bool moved = working_folder.empty() || chdir(working_folder.c_str()) == 0;
        if (moved && in >= 0 && to_out >= 0 && to_err >= 0 && dup2(in, 0) >= 0 && dup2(to_out, 1) >= 0 &&
            dup2(to_err, 2) >= 0) {
            execv(argv[0], argv);
        }
        _exit(126);
    }

    Folder folder_;
    std::string out_;
    pid_t pid_ = 0;
};

inline Finished run_fleetsim(std::vector<std::string> arguments) { return Program{std::move(arguments)}.wait(); }

/// Waits until the program handles `signal` itself; false when it ended before it did.
inline bool handles(const Program& program, int signal) {
    const std::string file = "/proc/" + std::to_string(program.pid()) + "/status";
    // As the system cuts it. Until the new program has begun, the name is that of the test.
    const std::string name = fs::path{FLEETSIM_BINARY}.filename().string().substr(0, 15);
    while (true) {
        std::ifstream status{file};
        std::string line;
        bool begun = false;
        bool running = false;
        while (std::getline(status, line)) {
            if (line.starts_with("Name:")) begun = line.substr(line.find_first_not_of(" \t", 5)) == name;
            if (line.starts_with("State:")) running = line.find('Z') == std::string::npos;
            // A mask in hexadecimal: bit `signal - 1` of the signals that are caught.
            const bool caught =
                line.starts_with("SigCgt:") && ((std::stoull(line.substr(7), nullptr, 16) >> (signal - 1)) & 1) == 1;
            if (begun && caught) return true;
        }
        if (!running) return false;
        usleep(1000);
    }
}

}  // namespace fleetsim::testing
