namespace HaGrpc.Shim;

/// <summary>What the child did when it failed.</summary>
internal enum LaunchStep
{
    None,
    Fork,
    Cgroup,
    Stdin,
    Stdout,
    Stderr,
    Groups,
    Gid,
    Uid,
    Directory,
    Exec,
    Deadline,
    Spec,
    OomScore,
    Nice,
    Rlimit,
    Adopt,
}

/// <summary>What goes through the pipe from a child that could not execute its program.</summary>
/// <param name="Step">The step.</param>
/// <param name="Error">errno.</param>
/// <param name="Item">Which of several things the step was about.</param>
internal readonly record struct LaunchFailure(LaunchStep Step, int Error, int Item = 0)
{
    /// <summary>The step's name in the exit record.</summary>
    public ReadOnlySpan<byte> Name => Step switch
    {
        LaunchStep.Fork => "fork"u8,
        LaunchStep.Cgroup => "cgroup"u8,
        LaunchStep.Stdin => "stdin"u8,
        LaunchStep.Stdout => "stdout"u8,
        LaunchStep.Stderr => "stderr"u8,
        LaunchStep.Groups => "groups"u8,
        LaunchStep.Gid => "gid"u8,
        LaunchStep.Uid => "uid"u8,
        LaunchStep.Directory => "directory"u8,
        LaunchStep.Deadline => "deadline"u8,
        LaunchStep.Spec => "spec"u8,
        LaunchStep.OomScore => "oom"u8,
        LaunchStep.Nice => "nice"u8,
        LaunchStep.Rlimit => "rlimit"u8,
        LaunchStep.Adopt => "adopt"u8,
        _ => "exec"u8,
    };
}
