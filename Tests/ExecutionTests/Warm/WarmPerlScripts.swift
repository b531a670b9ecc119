/// Plugins in Perl that end, fail and speak in every way that the interpreter knows.
enum WarmPerlScripts {
    static let scripts: [String: String] = [
        "die1": #"""
        use strict; print "a"; die "gone wrong\n";
        """#,
        "die2": #"""
        use strict; sub f { die "no newline" } f();
        """#,
        "die3": #"""
        $! = 3; die "errno";
        """#,
        "dieclass": #"""
        package E; use overload q("") => sub { "stringy\n" }; package main; die bless {}, "E";
        """#,
        "sigdie": #"""
        $SIG{__DIE__} = sub { return if $^S; print "UNKNOWN - $_[0]"; exit 3 }; eval { die "inner\n" }; print "got $@"; print defined $^S ? "s=$^S\n" : "undef\n"; die "outer\n";
        """#,
        "sigwarn": #"""
        $SIG{__WARN__} = sub { print "W: @_" }; my $x; print "a" . $x; warn "hey";
        """#,
        "warnings": #"""
        use warnings; my @a = (1); my $x = undef + 1; print $x, "\n"; print "a" + 1, "\n";
        """#,
        "data": #"""
        while (<DATA>) { print "$. $_" } print tell(DATA), "\n"; seek(DATA, 0, 0); print scalar <DATA>; warn "now";
        __DATA__
        one
        two
        """#,
        "end": #"""
        END { print "end $?\n"; $? = 5 } BEGIN { print "begin\n" } INIT { print "init\n" } CHECK { print "check\n" } print ${^GLOBAL_PHASE}, "\n"; exit 1;
        """#,
        "syntax": #"""
        use strict; print "a"; $x = 1; foo bar baz;
        """#,
        "begindie": #"""
        BEGIN { die "in begin\n" }
        """#,
        "missing": #"""
        use strict; use No::Such::Module;
        """#,
        "exitbegin": #"""
        BEGIN { print "bye\n"; exit 2 }
        """#,
        "alarm": #"""
        use strict; $SIG{ALRM} = sub { print "UNKNOWN - timeout\n"; exit 3 }; alarm 1; sleep 10;
        """#,
        "getopt": #"""
        use strict; use Getopt::Long; my $w; GetOptions("w=i" => \$w, "h|help" => sub { print "usage\n"; exit 3 }) or exit 3; print "OK\n"; @ARGV = ("-w", "x"); GetOptions("w=i" => \$w) or exit 3;
        """#,
        "exec": #"""
        $| = 1; print "x\n"; exec "echo", "execed";
        """#,
        "kill": #"""
        $| = 1; print "x\n"; kill 11, $$; sleep 1;
        """#,
        "posixexit": #"""
        use POSIX; print "lost"; POSIX::_exit(3);
        """#,
        "utf": #"""
        use utf8; binmode STDOUT, ":utf8"; use open qw(:std :utf8); print "é\x{263a}\n"; print STDERR "ü\n"; warn "ö";
        """#,
        "file": #"""
        use strict; use File::Temp qw(tempfile); use File::Basename; use Data::Dumper; $Data::Dumper::Sortkeys = 1; my ($fh, $n) = tempfile(UNLINK => 1); print $fh "x"; close $fh; print -s $n, basename($0), Dumper({a=>1}); use Time::HiRes qw(time sleep); sleep 0.01; use IO::Socket::INET; use Socket; use Sys::Hostname; print length(hostname) > 0, "\n"; use FindBin; print "$FindBin::Bin $FindBin::Script\n"; use Time::Local; use List::Util qw(sum); print sum(1..4), "\n";
        """#,
        "modprint": #"""
        use FindBin; use lib "$FindBin::Bin/lib"; use Printing; print "main\n";
        """#,
        "modexit": #"""
        use FindBin; use lib "$FindBin::Bin/lib"; use Exiting; print "main\n";
        """#,
        "readdie": #"""
        open F, "<", "/etc/passwd"; my $l = <F>; die "after read";
        """#,
        "heredoc": #"""
        print <<E . "x\n"; print "ok\n";
        a $0 b
        E
        =pod

        text

        =cut
        print "after pod ", __LINE__, "\n";
        __END__
        nothing
        """#,
        "destroy": #"""
        package A; sub new { bless {n => $_[1]} } sub DESTROY { print "destroy $_[0]{n} ${^GLOBAL_PHASE}\n" } package main; our $g = A->new(1); my $l = A->new(2); END { print "end\n" }
        """#,
        "threads": #"""
        use threads; my $t = threads->create(sub { print "in thread\n"; 5 }); print $t->join, "\n";
        """#,
        "carp": #"""
        use Carp; sub f { confess "deep" } f(1, "two");
        """#,
        "return": #"""
        print "a\n"; return 1;
        """#,
        "format": #"""
        our $x = "abc"; format STDOUT =
        @<<<< @>>>>
        $x, $x
        .
        write;
        """#,
        "mp": #"""
        use strict; use Monitoring::Plugin; my $np = Monitoring::Plugin->new(usage => "Usage: %s", shortname => "X"); $np->plugin_die("broken");
        """#,
    ]
}
