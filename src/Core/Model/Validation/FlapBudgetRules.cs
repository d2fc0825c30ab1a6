using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>How often a group may move by itself.</summary>
internal static class FlapBudgetRules
{
    private const int MostMoves = 100;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(168);

    internal static void Check(FlapBudget? budget, string path, ICollection<FieldError> errors)
    {
        if (budget is null)
            return;
        if (budget.Moves is < 1 or > MostMoves)
            errors.Add(new($"{path}.moves", budget.Moves.ToString(CultureInfo.InvariantCulture), $"must be 1 to {MostMoves}"));
        if (budget.Window < Shortest || budget.Window > Longest)
            errors.Add(new($"{path}.window", DurationText.Format(budget.Window), "must be 1s to 168h"));
    }
}
