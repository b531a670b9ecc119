import CommandLine
import Posix

/// Nagios 4 on the same objects, set up for speed: large installation tweaks, no logs, no retention, no host checks.
struct Nagios: ~Copyable {
    private let home: TemporaryFolder
    private var program: Program?
    private var pid: Int32 = 0

    private static let path = "/usr/sbin/nagios4"

    /// What an administrator would turn for speed; 0 leaves a number to Nagios.
    struct Tuning {
        var workers = 0
        /// Checks that are open at once; 0 is without limit.
        var concurrent = 0

        var text: String { "check_workers=\(workers) max_concurrent_checks=\(concurrent)" }
    }

    /// Writes its configuration.
    init(_ objects: ObjectSet, plugin: String, tuning: Tuning = Tuning()) throws {
        guard Surroundings.isProgram(Self.path) else {
            throw BenchmarkFailure(description: "nagios4 is missing: apt-get install nagios4-core")
        }
        let home = try TemporaryFolder()
        let folder = home.path
        try SmallFile.write(
            Array(Self.settings(folder, tuning).utf8),
            to: folder + "/nagios.cfg")
        try SmallFile.write(Array(Self.definitions(objects, plugin).utf8), to: folder + "/objects.cfg")
        self.home = home
    }

    /// Verifies the configuration; returns the seconds that it took.
    func verify() throws -> Double {
        let began = Clock.monotonicNanoseconds()
        var program = try Program(
            Self.path, ["-v", home.path + "/nagios.cfg"], output: home.path + "/verify.log")
        guard program.wait(atMost: .seconds(300)) == 0 else {
            throw BenchmarkFailure(
                description: "nagios4 refuses its configuration: \(Self.tail(home.path + "/verify.log"))")
        }
        return Double(Clock.monotonicNanoseconds() - began) / 1e9
    }

    mutating func start() throws {
        let started = try Program(
            Self.path, [home.path + "/nagios.cfg"], output: home.path + "/nagios.out")
        pid = started.pid
        program = consume started
    }

    mutating func stop() {
        _ = program?.stop(within: .seconds(20))
        program = nil
    }

    /// Nagios itself and its workers; programs that they run are not among them.
    func processes() -> [Int32] {
        [pid] + ProcessTimes.children(of: pid)
    }

    /// Seconds by which each service was late at its last check, in rising order, of those that were checked at or
    /// after `second` of the wall clock.
    func latencies(since second: Double) throws -> [Double] {
        guard Machine.exists(home.path + "/status.dat") else { return [] }
        let text = try SmallFile.text(at: home.path + "/status.dat", limit: 256 << 20)
        var found: [Double] = []
        var (isService, latency, lastCheck) = (false, 0.0, 0.0)
        for line in text.utf8.split(separator: 10) {
            let words = Substring(line).drop { $0 == "\t" || $0 == " " }
            if words.hasSuffix("{") { isService = words.hasPrefix("servicestatus") }
            guard isService else { continue }
            if words.hasPrefix("check_latency=") {
                latency = Double(words.dropFirst("check_latency=".count)) ?? 0
            } else if words.hasPrefix("last_check=") {
                lastCheck = Double(words.dropFirst("last_check=".count)) ?? 0
            } else if words == "}", lastCheck >= second {
                found.append(latency)
            }
        }
        return found.sorted()
    }

    private static func tail(_ path: String) -> String {
        String(((try? SmallFile.text(at: path)) ?? "too much output").suffix(500))
    }

    private static func settings(_ folder: String, _ tuning: Tuning) -> String {
        """
        cfg_file=\(folder)/objects.cfg
        log_file=\(folder)/nagios.log
        object_cache_file=\(folder)/objects.cache
        precached_object_file=\(folder)/objects.precache
        status_file=\(folder)/status.dat
        status_update_interval=10
        command_file=\(folder)/nagios.cmd
        query_socket=\(folder)/nagios.qh
        lock_file=\(folder)/nagios.lock
        temp_file=\(folder)/nagios.tmp
        temp_path=\(folder)
        check_result_path=\(folder)
        state_retention_file=\(folder)/retention.dat
        nagios_user=root
        nagios_group=root
        check_external_commands=0
        retain_state_information=0
        use_syslog=0
        log_notifications=0
        log_service_retries=0
        log_host_retries=0
        log_event_handlers=0
        log_initial_states=0
        log_current_states=0
        log_external_commands=0
        log_passive_checks=0
        event_broker_options=0
        service_inter_check_delay_method=s
        service_interleave_factor=s
        max_service_check_spread=1
        max_concurrent_checks=\(tuning.concurrent)
        check_result_reaper_frequency=1
        max_check_result_reaper_time=5
        interval_length=1
        auto_reschedule_checks=0
        service_check_timeout=10
        execute_service_checks=1
        execute_host_checks=0
        enable_notifications=0
        enable_event_handlers=0
        process_performance_data=0
        check_for_orphaned_services=0
        check_for_orphaned_hosts=0
        check_service_freshness=0
        check_host_freshness=0
        enable_flap_detection=0
        use_large_installation_tweaks=1
        enable_environment_macros=0
        free_child_process_memory=0
        child_processes_fork_twice=0
        check_for_updates=0
        debug_level=0
        illegal_macro_output_chars=`~$&|'"<>
        \(tuning.workers > 0 ? "check_workers=\(tuning.workers)" : "")

        """
    }

    /// One definition a plugin, for all hosts by their group, as an administrator would write it.
    private static func definitions(_ objects: ObjectSet, _ plugin: String) -> String {
        var text = """
            define timeperiod {
                timeperiod_name always
                alias always
                sunday 00:00-24:00
                monday 00:00-24:00
                tuesday 00:00-24:00
                wednesday 00:00-24:00
                thursday 00:00-24:00
                friday 00:00-24:00
                saturday 00:00-24:00
            }
            define command {
                command_name plugin
                command_line \(plugin)
            }
            define contact {
                contact_name nobody
                host_notifications_enabled 0
                service_notifications_enabled 0
                host_notification_period always
                service_notification_period always
                host_notification_options n
                service_notification_options n
                host_notification_commands plugin
                service_notification_commands plugin
            }
            define hostgroup {
                hostgroup_name all
                alias all
            }

            """
        for number in 0..<objects.hosts {
            text += """
                define host {
                    host_name \(objects.hostName(number))
                    address \(objects.address(number))
                    hostgroups all
                    max_check_attempts 1
                    active_checks_enabled 0
                    check_period always
                    notification_period always
                    notification_interval 0
                    contacts nobody
                }

                """
        }
        for number in 0..<objects.pluginsOfEach {
            text += """
                define service {
                    hostgroup_name all
                    service_description \(objects.pluginName(number))
                    check_command plugin
                    check_interval \(objects.interval)
                    retry_interval \(objects.interval)
                    max_check_attempts 1
                    check_period always
                    notification_period always
                    notification_interval 0
                    contacts nobody
                }

                """
        }
        return text
    }
}
