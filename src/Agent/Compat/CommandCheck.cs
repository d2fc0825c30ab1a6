using HaGrpc.Agent.Programs;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Supervision;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Compat;

/// <summary>Looks at a command before a start is tried, as Supervisor does: what is missing is said, not retried.</summary>
/// <param name="host">This host's name.</param>
internal sealed class CommandCheck(string host)
{
    /// <summary>What is wrong with the program's command; null when nothing is, or when only a start can tell.</summary>
    public SupervisorFault? Of(ConfiguredProgram program)
    {
        var expanded = HostExpansion.Of(program, host, out _);
        if (expanded is null || !CommandLine.TrySplit(expanded.Command, out var words, out _))
            return null;
        var word = words[0];
        return CommandSearch.For(word, expanded.Directory, expanded.Environment.GetValueOrDefault("PATH")).Kind switch
        {
            Found.Directory => new(FaultCode.NotExecutable, $"command at '{word}' is a directory"),
            Found.Nothing => new(FaultCode.NoFile, $"can't find command '{word}'"),
            Found.NotExecutable => new(FaultCode.NotExecutable, $"command at '{word}' is not executable"),
            _ => null,
        };
    }
}
