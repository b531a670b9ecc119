# Runs plugins written in Perl from an interpreter that is loaded already.
#
# ppalette starts one of these for each plugin with `warm: true`: the interpreter and the options of the plugin's first
# line, with -MPPWarm, and the plugin itself as its script. Perl loads this module before it has read a line of the
# script, and here it stays: it loads the modules that an earlier run used and then forks for every run. The child of a
# run returns from here, and Perl goes on with the script as it always does: BEGIN, END, DATA, die and exit are its own.
# Only what execve(2) would have made new is made new here. share/doc/decisions/0004-warm-interpreters.md says how the
# helper and the engine talk.
#
# No module is used, not even strict: the plugin shall find loaded only what it loads. No line is read with <>, since
# die would then name that handle.
package PPWarm;

sub CHANNEL () { 200 }
sub LEARN_READ () { 201 }
sub LEARN_WRITE () { 202 }
sub LARGEST_FRAME () { 131072 }
sub LARGEST_LESSON () { 60000 }
sub RLIMIT_RTTIME () { 15 }
# Parent, set the thread number, clear it at the end.
sub CLONE_FLAGS () { 0x8000 | 0x01000000 | 0x00200000 }
sub CLONE_INTO_CGROUP () { 1 << 33 }
sub CLOSE_ON_EXEC () { 0x80000 }
sub INTERRUPTED () { 4 }

# System calls by number: Perl has no other way to most of them.
our %numbers = (
    x86_64 => {
        clone => 56, dup => 32, dup3 => 292, close => 3, recvmsg => 47, sendto => 44, prctl => 157, setrlimit => 160,
        setsid => 112, read => 0, pipe2 => 293, memfd_create => 319, exit_group => 231, get_robust_list => 274,
        set_robust_list => 273, newfstatat => 262, faccessat => 269, clone3 => 435,
    },
    aarch64 => {
        clone => 220, dup => 23, dup3 => 24, close => 57, recvmsg => 212, sendto => 206, prctl => 167,
        setrlimit => 164, setsid => 157, read => 63, pipe2 => 59, memfd_create => 279, exit_group => 94,
        get_robust_list => 100, set_robust_list => 99, newfstatat => 79, faccessat => 48, clone3 => 435,
    },
);
our ($call, $machine, $engine, $path, $script, $helper, $address, $robust, $taint, $lesson, $pid);
our ($learning, $teaches) = (0, 0);
our (@earlier, @roots, %watched, $identity);

# Talking to the engine.

sub tell_engine {
    my $data = shift(@_) . pack("(V/a)*", @_);
    return syscall($call->{sendto}, CHANNEL, $data, length $data, 0x4000, 0, 0);
}

sub leave { syscall($call->{exit_group}, $_[0] + 0) }

sub refuse { tell_engine("N", $_[0]); leave(0) }

# The fields of one frame, and the descriptors that came with it as a list; the end when the engine has gone.
sub receive {
    my $data = "\0" x LARGEST_FRAME;
    my $control = "\0" x 128;
    my $vector = pack("PQ", $data, LARGEST_FRAME);
    my $message = pack("QLx4PQPQlx4", 0, 0, $vector, 1, $control, 128, 0);
    my $count;
    do {
        $count = syscall($call->{recvmsg}, CHANNEL, $message, 0x40000000);
    } while ($count < 0 && $! == INTERRUPTED);
    leave(0) if $count <= 0;
    my ($size) = unpack("Q", $control);
    my @descriptors = $size > 16 && $size <= 128 ? unpack("l*", substr($control, 16, $size - 16)) : ();
    return ([unpack("(V/a)*", substr($data, 1, $count - 1))], \@descriptors);
}

# Looking at files.

# What the engine and the kernel say may be used where -T would not allow it.
sub clean { return $_[0] =~ /\A(.*)\z/s ? $1 : "" }

# What makes a file the same file with the same content, as bytes; empty when there is none.
sub identify {
    my ($name, $flags) = (clean($_[0]), $_[1]);
    my $status = "\0" x 256;
    return "" if syscall($call->{newfstatat}, -100, $name, $status, $flags || 0) != 0;
    # All but the time of the last read.
    return substr($status, 0, 72) . substr($status, 88, 32);
}

sub content {
    my ($name, $most) = @_;
    open(my $file, "<", $name) or return "";
    my $text = "";
    while (sysread($file, $text, 65536, length $text)) { last if length $text >= $most }
    close($file);
    return $text;
}

sub names_in {
    my ($folder) = @_;
    opendir(my $open, $folder) or return ();
    my @names = grep { $_ ne "." && $_ ne ".." } readdir($open);
    closedir($open);
    return sort @names;
}

sub watch { my $known = identify($_[0]); $watched{$_[0]} = $known if $known ne "" }

# What has changed since this helper was made; empty when all is as it was.
sub changed {
    for (@earlier) { return $_ if identify($_, 0x100) ne "" }
    return $path if identify($path) ne $identity;
    for (keys %watched) { return $_ if identify($_) ne $watched{$_} }
    return "";
}

# What loading a module may not change, since every run would find it changed.
sub surroundings {
    my @lines = grep { /^(?:Threads|Sig(?!Q)\w+|Umask):/ } split(/\n/, content("/proc/self/status", 8192));
    my $environment = join("\0", map { "$_=$ENV{$_}" } sort keys %ENV);
    return (
        "opens a file" => join(" ", grep { -l "/proc/self/fd/$_" } names_in("/proc/self/fd")),
        "starts a thread or handles a signal" => join("\n", @lines),
        "changes the folder" => readlink("/proc/self/cwd"),
        "changes the environment" => $environment,
        "starts a process" => content("/proc/self/task/$helper/children", 64),
    );
}

# Getting ready.

sub begin {
    $helper = $$;
    my $own = delete $INC{"PPWarm.pm"};
    shift @INC if @INC && "$INC[0]/PPWarm.pm" eq $own;
    # A value that counts as coming from outside where -T is in use.
    $taint = substr("$0$^X", 0, 0);
    @roots = grep { !ref } @INC;
    open(my $channel, "<&", CHANNEL) or exit 1;
    sysread($channel, my $data, LARGEST_FRAME) or exit 0;
    close($channel);
    ($engine, $machine, my $count, my @rest) = map { clean($_) } unpack("x(V/a)*", $data);
    $call = $numbers{$machine};
    # Without its numbers nothing can be said by a system call either; the engine logs this text.
    if (!$call || length(pack("P", "")) != 8) {
        syswrite(STDERR, "Perl runs are not kept warm on $machine");
        exit 1;
    }
    @earlier = splice(@rest, 0, $count);
    $path = shift @rest;
    $identity = identify($path);
    my $executable = $path;
    refuse("its file may not be executed") if syscall($call->{faccessat}, -100, $executable, 1) != 0;
    $script = script_descriptor();
    refuse("its file cannot be found among the open ones of the interpreter") if !defined $script;
    watch($^X);
    my $value = "\0" x 8;
    syscall($call->{prctl}, 40, $value, 0, 0, 0);
    $address = unpack("Q", $value);
    my $size = "\0" x 8;
    $robust = syscall($call->{get_robust_list}, 0, $value, $size) == 0
        ? [unpack("Q", $value), unpack("Q", $size)] : undef;
    load(\@rest);
    watch($_) for map { substr($_, 1) } grep { /^d/ } @rest;
    $learning = !@rest;
    open_lesson() if $learning;
    tell_engine("R");
}

# The descriptor from which Perl reads the script.
sub script_descriptor {
    for (names_in("/proc/self/fd")) {
        return clean($_) + 0 if $_ > 2 && $_ < CHANNEL && identify("/proc/self/fd/$_") eq $identity;
    }
    return undef;
}

# A pipe that a run opens by its name at its end, since no descriptor may be left open in it.
sub open_lesson {
    my $ends = "\0" x 8;
    syscall($call->{pipe2}, $ends, CLOSE_ON_EXEC | 0x800);
    my @ends = unpack("ll", $ends);
    for (LEARN_READ, LEARN_WRITE) {
        my $end = shift @ends;
        syscall($call->{dup3}, $end, $_, CLOSE_ON_EXEC);
        syscall($call->{close}, $end);
    }
    $lesson = substr(identify("/proc/self/fd/" . LEARN_WRITE), 0, 16);
}

# Loads the modules of the lessons in the order in which the plugin names them, then those that it does not name.
sub load {
    my ($lessons) = @_;
    my @modules = map { substr($_, 1) } grep { /^m/ } @$lessons;
    my %own = map { substr($_, 1) => 1 } grep { /^l/ } @$lessons;
    my $source = content($path, 1 << 24);
    my %place;
    for (@modules) {
        (my $name = $_) =~ s{/}{::}g;
        $name =~ s/\.pm$//;
        $place{$_} = $source =~ /^\s*(?:use|require)\s+\Q$name\E\b/m ? $-[0] : 1 << 30;
    }
    my $name = "output";
    my $output = syscall($call->{memfd_create}, $name, 0);
    my @kept = (syscall($call->{dup}, 1), syscall($call->{dup}, 2));
    syscall($call->{dup3}, $output, $_, 0) for 1, 2;
    my %before = surroundings();
    for (sort { $place{$a} <=> $place{$b} || $a cmp $b } @modules) {
        load_one($_, $output, \%own, \%before) if !exists $INC{$_};
    }
    syscall($call->{dup3}, $kept[$_ - 1], $_, 0) for 1, 2;
    syscall($call->{close}, $_) for @kept, $output;
    watch($_) for grep { defined && !ref && -f } values %INC;
}

sub load_one {
    my ($module, $output, $own, $before) = @_;
    my $why = "";
    {
        local ($@, $_);
        eval { require $module; 1 } or $why = "it cannot be loaded by itself: " . ($@ =~ /^(.*)/)[0];
    }
    { my $selected = select(STDOUT); local $| = 1; select($selected) }
    $why = "it prints when it is loaded" if (stat("/proc/self/fd/$output"))[7];
    my %after = surroundings();
    for (sort keys %after) { $why ||= "it $_ when it is loaded" if $after{$_} ne $before->{$_} }
    for (keys %$own) { $why ||= "it hides $_ of the plugin's own" if exists $INC{$_} }
    return if $why eq "";
    tell_engine("X", $module, $why);
    leave(0);
}

# Taking runs.

# Takes runs; returns in the child of each.
sub serve {
    while (1) {
        await_lesson() if $learning;
        my ($fields, $descriptors) = receive();
        my $change = changed();
        if ($change ne "") {
            tell_engine("C", $fields->[0], $change);
        } else {
            my %extras;
            @extras{ split(//, $fields->[3]) } = @$descriptors[3 .. $#$descriptors];
            my ($number, $inside) = fork_for($extras{c});
            return become($fields, $descriptors, $inside, $extras{l}) if $number == 0;
            tell_engine("F", $fields->[0], $! + 0) if $number < 0;
        }
        syscall($call->{close}, $_) for @$descriptors;
    }
}

# Waits for a run, or for the names of the modules that the first one used.
sub await_lesson {
    my $ready = "";
    vec($ready, CHANNEL, 1) = 1;
    vec($ready, LEARN_READ, 1) = 1;
    return if select($ready, undef, undef, undef) <= 0 || !vec($ready, LEARN_READ, 1);
    my $text = "\0" x 65536;
    my $count = syscall($call->{read}, LEARN_READ, $text, 65536);
    tell_engine("L", split(/\0/, substr($text, 0, $count))) if $count > 0;
    syscall($call->{close}, $_) for LEARN_READ, LEARN_WRITE;
    $learning = 0;
}

# Forks a child of this process's parent: its number, 0 in it, negative with $!; and whether it is in the cgroup.
sub fork_for {
    my ($cgroup) = @_;
    my $flags = $address ? CLONE_FLAGS : 0x8000;
    if (defined $cgroup) {
        my $values = pack("Q11", $flags | CLONE_INTO_CGROUP, 0, $address, 0, 0, 0, 0, 0, 0, 0, $cgroup);
        my $number = syscall($call->{clone3}, $values, 88);
        return ($number, 1) if $number >= 0;
    }
    my @last = $machine eq "x86_64" ? ($address, 0) : (0, $address);
    return (syscall($call->{clone}, $flags | 17, 0, 0, @last), 0);
}

# In the child: makes it what execve(2) would have made it, and waits for the engine's word.
sub become {
    my ($fields, $descriptors, $inside, $rules) = @_;
    my ($ticket, $tag, $name, undef, $count, @rest) = @$fields;
    $pid = $$;
    my $limits = pack("QQ", $tag, $tag);
    syscall($call->{setrlimit}, RLIMIT_RTTIME, $limits) == 0 or leave(126);
    syscall($call->{prctl}, 1, 9, 0, 0, 0);
    leave(0) if getppid() != $engine;
    syscall($call->{set_robust_list}, $robust->[0], $robust->[1]) if $robust;
    syscall($call->{setsid});
    # A domain of its own (landlock_restrict_self); the first run has to reach its helper at its end.
    syscall(446, $rules, 0) == 0 or leave(126) if defined $rules && !$learning;
    syscall($call->{prctl}, 15, $name, 0, 0, 0);
    tell_engine("S", $ticket, $pid, $inside);
    syscall($call->{dup3}, $descriptors->[$_ - 1], $_, 0) for 1, 2;
    my $word = "\0";
    my $size;
    do { $size = syscall($call->{read}, $descriptors->[2], $word, 1) } while ($size < 0 && $! == INTERRUPTED);
    leave(0) if $size <= 0;
    syscall($call->{close}, $_) for @$descriptors, CHANNEL, ($learning ? (LEARN_READ, LEARN_WRITE) : ());
    reopen_script();
    %ENV = map { my ($key, $value) = split(/=/, $_, 2); ($key => $value . $taint) } splice(@rest, $count);
    @ARGV = map { $_ . $taint } @rest;
    $teaches = $learning;
    $^T = time;
    srand;
    ($@, $!, $?) = ("", 0, 0);
}

# The descriptor of the helper has one place in the file for all runs.
sub reopen_script {
    open(my $file, "<", $path) or leave(126);
    syscall($call->{dup3}, fileno($file), $script, CLOSE_ON_EXEC) >= 0 or leave(126);
    close($file);
}

# The end of a run.

# Tells the helper which modules the plugin used.
sub teach {
    my (@lessons, %folders);
    for my $key (keys %INC) {
        my $file = $INC{$key};
        next if !defined $file || ref $file || $key !~ m{^[\w/]+\.p[ml]$};
        if (grep { index($file, "$_/") == 0 } @roots) {
            push @lessons, "m$key" if $key =~ /\.pm$/;
        } else {
            push @lessons, "l$key";
            $folders{"d$1"} = 1 if $file =~ m{^(/.*)/[^/]+$};
        }
    }
    my $text = join("\0", @lessons, sort(keys %folders), "-") . "\0";
    my $target = "/proc/$helper/fd/" . LEARN_WRITE;
    return if length $text > LARGEST_LESSON || substr(identify($target), 0, 16) ne $lesson;
    open(my $file, ">", $target) or return;
    syswrite($file, $text);
}

END {
    if ($teaches && $$ == $pid) {
        local ($?, $!, $@);
        teach();
    }
}

sub import {
    return if $pid;
    begin();
    serve();
}

1;
